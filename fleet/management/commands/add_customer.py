"""add_customer NAME: create a customer, or change what is given of one."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fleet.models import BackupPath
from fleet.services import InvalidInput, save_customer


class Command(BaseCommand):
    help = "Create a customer. The same name again changes what is given; given networks replace the earlier ones."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the customer's name, 1 to 200 characters; case is ignored")
        parser.add_argument(
            "--network",
            action="append",
            metavar="CIDR",
            help="hosts may be contacted in this network only, as 10.20.0.0/16; repeat it for several",
        )
        parser.add_argument("--backup-path", choices=BackupPath.values, help="the way the backup product takes")
        parser.add_argument("--ca-file", metavar="PEM", type=Path, help="the CA that signed the hosts' certificates")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ca_pem = options["ca_file"].read_text() if options["ca_file"] else None
            customer, created = save_customer(
                None,
                options["name"],
                networks=options["network"],
                backup_path=options["backup_path"],
                ca_pem=ca_pem,
            )
        except (InvalidInput, OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error), returncode=2) from error
        networks = ", ".join(network.cidr for network in customer.networks.all())
        self.stdout.write(
            f"{'created' if created else 'updated'} {customer.name}: backup path {customer.backup_path}, "
            f"networks {networks or 'none'}"
        )
        if not networks:
            self.stderr.write("No network is entered, so no host of this customer will be contacted: add --network.")
