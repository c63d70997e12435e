"""The backup path that holds at this moment, kept from changing while verdicts are written by it."""

from uuid import UUID

from django.db import connection

from fleet.models import Host

# Audits of one customer share the lock, so they never wait for each other; whoever sets a path waits for the few
# milliseconds in which they store, and they for the setting. Nothing else is ordered by it.
_WHILE_STORING = "SELECT pg_advisory_xact_lock_shared(hashtextextended('backup path ' || %s, 0))"
_WHILE_SETTING = "SELECT pg_advisory_xact_lock(hashtextextended('backup path ' || %s, 0))"


class BackupPathChanged(Exception):
    """Somebody set the backup path after the verdicts were made. Nothing was written: judge again."""


def effective_path_while_storing(host_id: UUID, customer_id: UUID) -> str:
    """The host's path as it is now and stays until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_WHILE_STORING, [str(customer_id)])
    own, of_customer = Host.objects.values_list("backup_path", "customer__backup_path").get(pk=host_id)
    return str(own or of_customer)


def keep_audits_from_storing(customer_id: UUID) -> None:
    """Until this transaction ends no audit of the customer's hosts writes verdicts. Call it before changing a path."""
    with connection.cursor() as cursor:
        cursor.execute(_WHILE_SETTING, [str(customer_id)])
