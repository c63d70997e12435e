"""A migrated database for the benchmarks, in the servers that `manage.py bench` started and will throw away."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection


@contextmanager
def fresh_database() -> Iterator[None]:
    call_command("migrate", verbosity=0)
    yield


def empty() -> None:
    """Remove every row a benchmark made."""
    call_command("flush", verbosity=0, interactive=False)


def analyse() -> None:
    """Let the planner know the tables, as autovacuum would within a minute."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
