"""A run ends when its last host has: counted in the database, by one guarded UPDATE."""

from uuid import UUID

from django.db import connection

_END_RUNS = """
    UPDATE audits_auditrun run SET finished_at = now(),
           state = CASE WHEN cancel_requested_at IS NULL THEN 'completed' ELSE 'cancelled' END
    WHERE run.state IN ('queued', 'running') AND {which} AND NOT EXISTS (
        SELECT 1 FROM audits_hostaudit audit WHERE audit.run_id = run.id AND audit.state IN ('queued', 'running'))
"""


def finish_run(run_id: UUID) -> bool:
    """End the run if all of its host audits have ended; whether this call ended it.

    Call it after the host audit's transaction: of two hosts that end together, the later look sees both.
    """
    with connection.cursor() as cursor:
        cursor.execute(_END_RUNS.format(which="run.id = %s"), [run_id])
        return bool(cursor.rowcount == 1)


def finish_runs() -> int:
    """End every run whose host audits have ended: what a killed worker left behind."""
    with connection.cursor() as cursor:
        cursor.execute(_END_RUNS.format(which="true"))
        return int(cursor.rowcount)
