"""remove_demo: take the demo's customers out again, with their hosts, credentials and audits."""

from typing import Any

from django.core.management.base import BaseCommand

from fleet.services import remove_demo


class Command(BaseCommand):
    help = "Remove every customer of the demo, with hosts, credentials and everything that was read of them."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{remove_demo(None)} demo customers removed")
