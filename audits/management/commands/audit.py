"""`audit`: queue an audit of hosts; with --wait, follow it to its end."""

import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from audits.collect.plain import plain
from audits.judgement.outcomes import cause_of
from audits.management.selection import customer_named, hosts_named, usage_error
from audits.models import AuditRun, HostAudit, HostAuditState
from audits.reports.run_json import run_in_words, run_json
from audits.services import NothingToAudit, start_run

# Often enough to look alive, seldom enough to cost nothing.
LOOK_EVERY_SECONDS = 0.5

EXIT_NOT_ALL_SUCCEEDED = 3
EXIT_INTERRUPTED = 130

DESCRIPTION = """\
Audit hosts now: of one customer, named ones, or without a selector all of them.

Without --wait the run's id is printed as soon as the run is queued. With --wait the command ends with the run, and
prints one line per host. --json prints one document instead, whose schema only ever grows (docs/contract.md).
Only the result goes to standard output; progress and errors go to standard error.
"""
EXIT_CODES = """\
exit codes:
  0    queued; with --wait: every host succeeded
  1    the product could not work
  2    usage or input, such as a name that fits no host or several
  3    the run ended and at least one host did not succeed (partial included), or --timeout passed
  130  interrupted; the run goes on
"""


class Command(BaseCommand):
    help = DESCRIPTION

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, epilog=EXIT_CODES, formatter_class=RawDescriptionHelpFormatter, **options
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--customer", metavar="NAME", help="only this customer's hosts")
        parser.add_argument(
            "--host", metavar="NAME", action="append", default=[], help="only this host; may be given several times"
        )
        parser.add_argument("--wait", action="store_true", help="follow the run to its end")
        parser.add_argument("--timeout", type=float, metavar="SECONDS", help="with --wait: exit 3 after this time")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["timeout"] is not None and not options["wait"]:
            raise usage_error("--timeout says how long to wait: give it together with --wait")
        if options["timeout"] is not None and options["timeout"] <= 0:
            raise usage_error("--timeout takes a number of seconds above 0")
        try:
            run = self._start(options)
        except DatabaseError as error:
            raise CommandError(f"the audit was not queued, the database failed: {plain(str(error))}") from error
        try:
            has_ended = self._follow(run, options["timeout"]) if options["wait"] else True
            self._print(run, as_json=options["json"], has_waited=options["wait"])
        except KeyboardInterrupt:
            self.stderr.write(f"Interrupted; run {run.pk} goes on.")
            sys.exit(EXIT_INTERRUPTED)
        except DatabaseError as error:
            raise CommandError(f"run {run.pk} goes on, but the database failed: {plain(str(error))}") from error
        if options["wait"]:
            self._exit(run, has_ended=has_ended)

    def _start(self, options: dict[str, Any]) -> AuditRun:
        customer = customer_named(options["customer"])
        hosts = hosts_named(options["host"], customer) or None
        try:
            run = start_run(None, customer=None if hosts else customer, hosts=hosts)
        except NothingToAudit as error:
            raise usage_error(plain(str(error))) from error
        self.stderr.write(f"Run {run.pk}: {plain(run.target)}, {run.host_audits.count()} hosts.")
        return run

    def _follow(self, run: AuditRun, timeout_seconds: float | None) -> bool:
        """Wait for the end; whether it came in time."""
        until = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        said = ""
        while True:
            run.refresh_from_db()
            line = _progress_of(run)
            if line != said:
                said = line
                self.stderr.write(line)
            if not run.is_open:
                return True
            if until is not None and time.monotonic() >= until:
                self.stderr.write(f"{timeout_seconds:g} s have passed; run {run.pk} goes on.")
                return False
            time.sleep(LOOK_EVERY_SECONDS)

    def _print(self, run: AuditRun, *, as_json: bool, has_waited: bool) -> None:
        if as_json:
            for piece in run_json(run, HostAudit.objects.all()):
                self.stdout.write(piece, ending="")
        elif not has_waited:
            self.stdout.write(str(run.pk))
        else:
            audits = HostAudit.objects.filter(run=run).select_related("host__customer")
            for audit in audits.order_by("host__customer__name", "host__name"):
                self.stdout.write(_line_of(audit))

    def _exit(self, run: AuditRun, *, has_ended: bool) -> None:
        failed = HostAudit.objects.filter(run=run).exclude(state=HostAuditState.SUCCEEDED).exists()
        if not has_ended or failed:
            sys.exit(EXIT_NOT_ALL_SUCCEEDED)
        return None


def _progress_of(run: AuditRun) -> str:
    counts = run_in_words(run, HostAudit.objects.filter(run=run))["counts"]
    return f"{run.state}: " + (
        ", ".join(f"{number} {state}" for state, number in counts.items() if number) or "nothing"
    )


def _line_of(audit: HostAudit) -> str:
    """Customer, host, outcome, and cause with its next step, separated by tabs; names hold no control characters."""
    cells = [plain(audit.host.customer.name), plain(audit.host.name), audit.state]
    if audit.cause:
        cause = cause_of(audit.state, audit.cause)
        cells += [cause.code, cause.message, cause.next_step]
    return "\t".join(cells)
