"""A new run in the database: one row per host that waits for its turn. Who may ask for it was settled before."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from audits.models import AuditRun, HostAudit, RunState, Trigger
from fleet.accounts.models import User
from fleet.models import Customer, Host

# Two clicks at once are one after the other: whoever comes second finds the first one's run.
_LOCK_TARGET = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def queue_run(
    host_ids: Sequence[UUID],
    *,
    target: str,
    trigger: Trigger,
    customer: Customer | None = None,
    host: Host | None = None,
    retry_of: AuditRun | None = None,
    requested_by: User | None = None,
    requested_by_name: str,
) -> tuple[AuditRun, bool]:
    """The run of these hosts, and whether it is new: one of the same hosts that has not begun is returned instead.

    One transaction. The rows wait; hints for them leave with the next `upkeep.dispatch`.
    """
    key = hashlib.sha256("\n".join([trigger, *map(str, host_ids)]).encode()).hexdigest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_TARGET, [key])
        waiting = AuditRun.objects.filter(target_key=key, state=RunState.QUEUED, cancel_requested_at=None).first()
        if waiting is not None:
            return waiting, False
        run = AuditRun.objects.create(
            trigger=trigger,
            customer=customer,
            host=host,
            target=target[:300],
            target_key=key,
            retry_of=retry_of,
            requested_by=requested_by,
            requested_by_name=requested_by_name,
        )
        HostAudit.objects.bulk_create(
            (HostAudit(run=run, host_id=host_id, queue=trigger) for host_id in host_ids), batch_size=1000
        )
    return run, True
