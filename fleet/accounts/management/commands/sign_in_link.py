"""sign_in_link: a fresh one-time link for a person who sits at the server's console."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from fleet.accounts.models import SignInLink, User

# The first person: made by the first link, so that no set-up page has to stay open.
FIRST_OWNER = "owner"


class Command(BaseCommand):
    help = "Print a fresh one-time sign-in link: single use, valid for 15 minutes; earlier links stop working."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", help=f"whose link; default: the only or first owner, made as '{FIRST_OWNER}'")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            token = SignInLink.objects.issue(_person(options["username"]))
        self.stdout.write(f"{settings.FLEET_AUDIT_BASE_URL.rstrip('/')}/sign-in/link/{token}")


def _person(username: str | None) -> User:
    if username:
        person = User.objects.filter(username__iexact=username, is_active=True).first()
        if person is None:
            known = ", ".join(User.objects.filter(is_active=True).values_list("username", flat=True)[:8]) or "none"
            raise CommandError(f"there is no active person {username!r}. Known: {known}.", returncode=2)
        return person
    owner = User.objects.filter(is_superuser=True, is_active=True).order_by("date_joined").first()
    if owner is None:
        owner = User.objects.create_superuser(FIRST_OWNER)
        owner.set_unusable_password()
        owner.save()
    return owner
