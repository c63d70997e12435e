"""`report`: verdicts, findings or times in the saved state as CSV on standard output."""

import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from audits.collect.plain import plain
from audits.management.selection import customer_named, hosts_named
from audits.models import Episode, Result, Verdict
from audits.reports.findings import findings_csv
from audits.reports.saved_state_events import saved_state_events_csv
from audits.reports.vm_verdicts import vm_verdicts_csv

DESCRIPTION = """\
What is known now, as CSV on standard output: UTF-8, CRLF, RFC 4180.

  vm_verdicts         one row per VM: what the next backup does to it, how sure that is, and why
  findings            one row per failed, broken or unknown check; with --all every check, passes included
  saved_state_events  one row per time that a VM was seen in a saved state, with what excludes it as a backup's doing

The columns only ever grow (docs/contract.md). An empty cell is not known. A row is stale when the last audit of its
host brought nothing newer. Text that a spreadsheet would take for a formula begins with an apostrophe.
"""
EXIT_CODES = """\
exit codes: 0 done; 1 the product could not work; 2 usage or input, such as a name that fits no host or several
"""


class Command(BaseCommand):
    help = DESCRIPTION

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, epilog=EXIT_CODES, formatter_class=RawDescriptionHelpFormatter, **options
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("report", choices=("vm_verdicts", "findings", "saved_state_events"), help="which report")
        parser.add_argument("--customer", metavar="NAME", help="only this customer")
        parser.add_argument("--host", metavar="NAME", help="only this host")
        parser.add_argument("--all", action="store_true", help="findings: every current result, passes included")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for chunk in self._chunks(options):
                self._write(chunk)
        except DatabaseError as error:
            raise CommandError(f"report {options['report']}: the database failed: {plain(str(error))}") from error
        except BrokenPipeError:
            # The reader (head, less) has seen enough; Python would complain once more when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _chunks(self, options: dict[str, Any]) -> Iterator[bytes]:
        customer = customer_named(options["customer"])
        hosts = hosts_named([options["host"]], customer) if options["host"] else None
        if options["report"] == "vm_verdicts":
            verdicts = Verdict.objects.all()
            if hosts:
                verdicts = verdicts.filter(host__in=hosts)
            elif customer:
                verdicts = verdicts.filter(customer=customer)
            return vm_verdicts_csv(verdicts)
        if options["report"] == "saved_state_events":
            episodes = Episode.objects.all()
            if hosts:
                episodes = episodes.filter(host__in=hosts)
            elif customer:
                episodes = episodes.filter(customer=customer)
            return saved_state_events_csv(episodes)
        results = (
            Result.objects.all() if options["all"] else Result.objects.filter(result__in=("fail", "error", "unknown"))
        )
        if hosts:
            results = results.filter(host__in=hosts)
        elif customer:
            results = results.filter(host__customer=customer)
        return findings_csv(results)

    def _write(self, chunk: bytes) -> None:
        """Bytes as they are: a text stream would turn CRLF into what the platform likes."""
        binary = getattr(self.stdout._out, "buffer", None)
        if binary is None:
            self.stdout.write(chunk.decode(), ending="")
        else:
            binary.write(chunk)
            binary.flush()
