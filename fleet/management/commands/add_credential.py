"""add_credential: store a sign-in of a customer. The secret comes from standard input and is never shown."""

import getpass
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from fleet.find import NotOne, customer_named
from fleet.services import InvalidInput, save_credential
from fleet.vault import VaultError, vault_from


class Command(BaseCommand):
    help = "Store a sign-in of a customer. The secret is read from standard input; one trailing newline is dropped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customer", required=True)
        parser.add_argument("--name", required=True, help="what hosts refer to; the same name again changes it")
        parser.add_argument("--username", required=True, help="as DOMAIN\\user, user@domain or user")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            customer = customer_named(options["customer"])
            credential, created = save_credential(
                None,
                customer,
                options["name"],
                options["username"],
                _secret(),
                vault_from(settings.FLEET_AUDIT_VAULT_KEY_FILE),
            )
        except (NotOne, InvalidInput) as error:
            raise CommandError(str(error), returncode=2) from error
        except VaultError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{'created' if created else 'updated'} {credential.name} of {customer.name}")


def _secret() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Secret (not shown): ", stream=sys.stderr)
    secret = sys.stdin.read()
    if secret.endswith("\r\n"):
        return secret[:-2]
    return secret.removesuffix("\n")
