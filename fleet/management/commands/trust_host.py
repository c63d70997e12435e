"""trust_host NAME --sha256 FP: pin a host's certificate after comparing its fingerprint on the host."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fleet.find import NotOne, customer_named, host_named
from fleet.services import InvalidInput, trust_certificate


class Command(BaseCommand):
    help = "Pin a host's certificate. Compare the fingerprint on the host's own console first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the host's name")
        parser.add_argument("--sha256", required=True, metavar="FP", help="64 hex digits; colons and case are ignored")
        parser.add_argument("--customer", help="needed where several customers have a host of that name")
        parser.add_argument("--replace", action="store_true", help="put this pin in the place of another one")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            customer = customer_named(options["customer"]) if options["customer"] else None
            host = host_named(options["name"], customer)
            changed = trust_certificate(None, host, options["sha256"], replace=options["replace"])
        except (NotOne, InvalidInput) as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(f"{'pinned' if changed else 'already pinned'} for {host.name} of {host.customer.name}")
