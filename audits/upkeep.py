"""What happens by itself every five seconds: due schedules, expired leases, waiting audits, ended runs, old nights."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, When

from audits.judgement.outcomes import cause_of
from audits.models import HostAudit, HostAuditState, HostState, Trigger
from audits.pipeline.claim import MOST_ATTEMPTS
from audits.pipeline.due import start_due_schedules
from audits.pipeline.ends import finish_runs

logger = logging.getLogger(__name__)

# A hint that led to nothing by then is sent again: it was lost, or the worker that had it died. A hint too many costs
# one look at the database.
HINT_AGAIN_AFTER = timedelta(seconds=20)
# Hints under way at once. More than all workers do in a tick (40 hosts a second), so none waits for the next tick;
# few enough that a customer who comes later waits for these and not for a whole night's queue.
MOST_HINTS_UNDER_WAY = 400

# A year, so that this month can be compared with the same month before, and a month to look at it.
EPISODES_KEPT = timedelta(days=396)
# Of one tick: a statement of milliseconds.
MOST_EPISODES_FORGOTTEN = 1000


@dataclass(frozen=True, slots=True)
class Hint:
    """An audit that is waiting, and the broker queue in which its hint travels."""

    host_audit_id: UUID
    queue: str


type_of_send = Callable[[Sequence[Hint]], None]

_REAP = """
    WITH expired AS (
        SELECT audit.id, run.cancel_requested_at IS NOT NULL AS is_cancelled
        FROM audits_hostaudit audit JOIN audits_auditrun run ON run.id = audit.run_id
        WHERE audit.state = 'running' AND audit.lease_expires_at < now()
        FOR UPDATE OF audit SKIP LOCKED
    )
    UPDATE audits_hostaudit audit SET
        state = CASE WHEN is_cancelled THEN 'cancelled' WHEN attempt >= %(most)s THEN 'failed' ELSE 'queued' END,
        cause = CASE WHEN is_cancelled THEN 'cancelled_by_user' WHEN attempt >= %(most)s THEN 'worker_lost' ELSE '' END,
        finished_at = CASE WHEN is_cancelled OR attempt >= %(most)s THEN now() END,
        stage = '', enqueued_at = NULL, lease_expires_at = NULL
    FROM expired WHERE expired.id = audit.id
    RETURNING audit.id, audit.host_id, audit.state, audit.cause, audit.finished_at
"""

# One queue per customer, served in turn: a customer with a thousand hosts does not stand before one with three. A host
# that is being audited is left out; its next audit gets its hint when the running one ends.
_NEXT_HINTS = """
    WITH waiting AS (
        SELECT audit.id, audit.queue, row_number() OVER (
            PARTITION BY audit.queue, host.customer_id ORDER BY audit.created_at, audit.id) AS place
        FROM audits_hostaudit audit JOIN fleet_host host ON host.id = audit.host_id
        WHERE audit.state = 'queued'
          AND (audit.enqueued_at IS NULL OR audit.enqueued_at < now() - make_interval(secs => %(again)s))
          AND NOT EXISTS (SELECT 1 FROM audits_hostaudit other
                          WHERE other.host_id = audit.host_id AND other.state = 'running')
    ), next AS (
        SELECT id, place FROM waiting ORDER BY queue = %(scheduled)s, place
        LIMIT GREATEST(0, %(most)s - (SELECT count(*) FROM audits_hostaudit
                                      WHERE state = 'queued'
                                        AND enqueued_at >= now() - make_interval(secs => %(again)s)))
    )
    UPDATE audits_hostaudit audit SET enqueued_at = now() FROM next
    WHERE audit.id = next.id AND audit.state = 'queued'
    RETURNING audit.id, audit.queue, next.place
"""

_FORGET_EPISODES = """
    DELETE FROM audits_episode WHERE id IN (
        SELECT id FROM audits_episode WHERE night < current_date - %(days)s ORDER BY night LIMIT %(most)s)
"""


def reap_expired_leases() -> int:
    """Queue audits whose worker is gone again, up to three attempts, then fail them; how many there were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_REAP, {"most": MOST_ATTEMPTS})
        rows = cursor.fetchall()
        for audit_id, host_id, state, cause, finished_at in rows:
            logger.warning("audit %s: its worker stopped renewing the lease; now %s", audit_id, state)
            if cause == "worker_lost":
                _note_worker_lost(audit_id, host_id, cause_of(state, cause).code, finished_at)
    return len(rows)


def _note_worker_lost(audit_id: UUID, host_id: UUID, cause: str, finished_at: datetime) -> None:
    HostState.objects.update_or_create(
        host_id=host_id,
        defaults={
            "last_audit_id": audit_id,
            "last_outcome": "failed",
            "last_cause": cause,
            "last_finished_at": finished_at,
            "failures_in_a_row": 0,
        },
    )


def forget_old_episodes() -> int:
    """Remove episodes of more than a year ago, some at a time; how many went. Costs one look into an index."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_EPISODES, {"days": EPISODES_KEPT.days, "most": MOST_EPISODES_FORGOTTEN})
        return int(cursor.rowcount)


def dispatch(send: type_of_send) -> int:
    """Send a hint for every audit whose turn it may be, on demand first, customers in turn; how many were sent.

    The row is the job: what a broker that is away did not take is sent again by a later call.
    """
    with connection.cursor() as cursor:
        again = HINT_AGAIN_AFTER.total_seconds()
        values: dict[str, float | str] = {"again": again, "most": MOST_HINTS_UNDER_WAY, "scheduled": Trigger.SCHEDULED}
        cursor.execute(_NEXT_HINTS, values)
        rows = sorted(cursor.fetchall(), key=lambda row: (row[1] == Trigger.SCHEDULED, row[2]))
    hints = [Hint(audit_id, queue) for audit_id, queue, _ in rows]
    if hints:
        send(hints)
    return len(hints)


def next_hint_for(host_id: UUID) -> list[Hint]:
    """The audit that waits for this host to be free, if any."""
    waiting = HostAudit.objects.filter(host_id=host_id, state=HostAuditState.QUEUED)
    first = waiting.order_by(Case(When(queue=Trigger.SCHEDULED, then=1), default=0), "created_at").first()
    return [Hint(first.id, first.queue)] if first else []


def tick(send: type_of_send) -> None:
    """One round. Each step stands alone and is safe to run twice, also at the same time."""
    start_due_schedules()
    reap_expired_leases()
    finish_runs()
    forget_old_episodes()
    dispatch(send)
