"""Whose turn it is: one guarded UPDATE takes a queued audit, and every later write names the attempt it belongs to."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction

# Four missed renewals of 15 seconds: long enough for a restart of PostgreSQL, short enough that nobody waits long.
LEASE = timedelta(seconds=60)

# A host that killed three workers is not given to a fourth.
MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write one audit: it ends when the lease is lost, because then `attempt` no longer matches."""

    id: UUID
    run_id: UUID
    host_id: UUID
    attempt: int
    queue: str


class ClaimLost(Exception):
    """The audit belongs to somebody else by now, or has ended. Nothing was written."""


# The hint names an audit; taken is whichever is next for that host, on demand before scheduled. The subquery looks at
# one host only, and the partial unique index decides when two workers do this at the same moment.
_TAKE = """
    UPDATE audits_hostaudit SET state = 'running', attempt = attempt + 1, worker = %(worker)s, stage = 'connecting',
           lease_expires_at = now() + make_interval(secs => %(lease)s), started_at = now(), sections = '[]'
    WHERE state = 'queued' AND id = (
        SELECT next.id FROM audits_hostaudit next
        WHERE next.host_id = (SELECT host_id FROM audits_hostaudit WHERE id = %(hint)s) AND next.state = 'queued'
        ORDER BY next.queue = 'scheduled', next.created_at, next.id LIMIT 1)
    AND NOT EXISTS (
        SELECT 1 FROM audits_hostaudit other
        WHERE other.host_id = audits_hostaudit.host_id AND other.state = 'running')
    RETURNING id, run_id, host_id, attempt, queue
"""
_BEGIN_RUN = """
    UPDATE audits_auditrun SET state = 'running', started_at = now() WHERE id = %s AND state = 'queued'
"""


def take(hint: UUID, worker: str) -> Claim | None:
    """The next audit of the host that `hint` belongs to, now running; None when there is nothing to do for it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_TAKE, {"worker": worker[:200], "lease": LEASE.total_seconds(), "hint": hint})
            row = cursor.fetchone()
            if row is None:
                return None
            claim = Claim(*row)
            cursor.execute(_BEGIN_RUN, [claim.run_id])
            return claim
    except IntegrityError:
        return None  # another worker took an audit of this host between our look and our write
