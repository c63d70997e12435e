"""A VM that is gone: its current rows become history; its identity and history stay."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

from audits.pipeline.store_verdicts import end_verdicts

_END_RESULTS = """
    WITH ended AS (DELETE FROM audits_result WHERE virtual_machine_id = ANY(%s::uuid[]) RETURNING *)
    INSERT INTO audits_resultinterval (host_id, rule, subject_type, subject_key, subject, result, severity, measured,
                                       reason, from_at, to_at, ended_by_run_id)
    SELECT host_id, rule, subject_type, subject_key, subject, result, severity, measured, reason, first_seen_at, %s, %s
    FROM ended
"""


def forget_vms(vm_ids: Collection[UUID], *, run_id: UUID, at: datetime) -> None:
    if not vm_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_END_RESULTS, [list(vm_ids), at, run_id])
    end_verdicts(vm_ids, at)
