"""remove_guest_access: a customer's credential is not sent to the guests of a pattern any more."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fleet.find import NotOne, customer_named
from fleet.guest_access import withdraw


class Command(BaseCommand):
    help = "Take back what add_guest_access gave: the pattern, and every VM that was bound by it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customer", required=True)
        parser.add_argument("--vms", required=True, help="the pattern, as it was given")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            customer = customer_named(options["customer"])
        except NotOne as error:
            raise CommandError(str(error), returncode=2) from error
        accesses = list(customer.guest_accesses.filter(vm_filter__iexact=options["vms"].strip()))
        if not accesses:
            known = ", ".join(sorted(customer.guest_accesses.values_list("vm_filter", flat=True))) or "none"
            raise CommandError(f"there is no guest access {options['vms']!r}. Known: {known}.", returncode=2)
        for access in accesses:
            bound = withdraw(None, access)
            self.stdout.write(f"removed {access.vm_filter} of {customer.name}, which {bound} VMs were bound by")
