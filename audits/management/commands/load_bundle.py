"""load_bundle FILE --host H: judge and store what the offline script printed on a host."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audits import offline
from audits.collect.offline.output import MAX_OUTPUT_BYTES
from audits.management.selection import customer_named, hosts_named, usage_error
from audits.models import HostAudit, HostAuditState


class Command(BaseCommand):
    help = "Judge and store the output of an offline script, as a live audit would. Each script is good for one output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="what the script printed; - for standard input")
        parser.add_argument("--host", required=True, help="the host that the script was made for")
        parser.add_argument("--customer", help="needed where several customers have a host of that name")
        parser.add_argument("--reinstalled", action="store_true", help="Windows was installed anew since the last one")

    def handle(self, *args: Any, **options: Any) -> None:
        (host,) = hosts_named([options["host"]], customer_named(options["customer"]))
        try:
            run = offline.take_output(None, host, _content(options["file"]), reinstalled=options["reinstalled"])
        except offline.Refused as refused:
            raise usage_error(f"{refused}\nNothing was stored.") from refused
        audit = HostAudit.objects.get(run=run)
        self.stdout.write(f"{run.pk} {host.name} {audit.state}")
        if audit.state != HostAuditState.SUCCEEDED:
            raise CommandError(f"{audit.state}, {audit.cause}: {audit.detail}", returncode=3)


def _content(name: str) -> bytes:
    """One byte more than an output may have is enough to refuse it."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(MAX_OUTPUT_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(MAX_OUTPUT_BYTES + 1)
    except OSError as error:
        raise usage_error(f"{name} cannot be read: {error.strerror}") from error
