"""Verdicts into the database: one row per VM, and an interval when its word, or the VSS writer's, changes."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from audits.judgement.vm_verdict import VMVerdict
from audits.pipeline.home import Home

_FIELDS = {
    "name": "text",
    "vm_state": "text",
    "backup_path": "text",
    "verdict": "text",
    "verdict_vss": "text",
    "verdict_wmi": "text",
    "confidence": "text",
    "depends_on_backup_path": "boolean",
    "conflict": "boolean",
    "host_side_ready": "boolean",
    "writer_says": "text",
    "observed": "text",
    "observed_reason": "text",
    "causes": "varchar[]",
    "unknowns": "varchar[]",
    "unknown_reasons": "text[]",
    "sentence": "text",
}
_COLUMNS = ", ".join(_FIELDS)
_RECORD = ", ".join(f"{name} {kind}" for name, kind in _FIELDS.items())
_SAME = f"""({", ".join(f"v.{name}" for name in _FIELDS)}) IS NOT DISTINCT FROM
            ({", ".join(f"new.{name}" for name in _FIELDS)})"""

# Arrays of arrays must be rectangular, so the new rows travel as JSON. Rows that say the same already are left out.
_UPSERT = f"""
    WITH new AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS row(virtual_machine_id uuid, {_RECORD})
    ), changed AS MATERIALIZED (
        SELECT new.*, v.verdict AS was, v.confidence AS was_sure, v.causes AS was_because, v.since_at AS was_since,
               v.host_id AS was_on, v.writer_says AS said, COALESCE(v.writer_since_at, v.since_at) AS said_since
        FROM new LEFT JOIN audits_verdict v USING (virtual_machine_id)
        WHERE v.virtual_machine_id IS NULL OR v.host_id <> %(host)s OR v.missing_since_at IS NOT NULL OR NOT {_SAME}
    ), history AS (
        INSERT INTO audits_verdictinterval (virtual_machine_id, host_id, verdict, confidence, causes, became, from_at,
                                            to_at)
        SELECT virtual_machine_id, was_on, was, was_sure, was_because, verdict, was_since, %(at)s
        FROM changed WHERE was <> verdict
    ), writers_history AS (
        INSERT INTO audits_writerinterval (virtual_machine_id, host_id, writer_says, became, from_at, to_at)
        SELECT virtual_machine_id, was_on, said, writer_says, said_since, %(at)s FROM changed WHERE said <> writer_says
    ), written AS (
        INSERT INTO audits_verdict (virtual_machine_id, customer_id, host_id, {_COLUMNS}, since_at, writer_since_at,
                                    read_at, run_id)
        SELECT virtual_machine_id, %(customer)s, %(host)s, {_COLUMNS}, %(at)s, %(at)s, %(read_at)s, %(run)s FROM changed
        ON CONFLICT (virtual_machine_id) DO UPDATE SET
            {", ".join(f"{name} = excluded.{name}" for name in ("host_id", *_FIELDS, "read_at", "run_id"))},
            missing_since_at = NULL,
            since_at = CASE WHEN audits_verdict.verdict = excluded.verdict THEN audits_verdict.since_at
                            ELSE excluded.since_at END,
            writer_since_at = CASE WHEN audits_verdict.writer_says = excluded.writer_says
                                   THEN COALESCE(audits_verdict.writer_since_at, audits_verdict.since_at)
                                   ELSE excluded.writer_since_at END
    )
    SELECT DISTINCT was_on FROM changed WHERE was_on <> %(host)s
"""
_END = """
    WITH ended AS (
        DELETE FROM audits_verdict WHERE virtual_machine_id = ANY(%(vms)s::uuid[]) RETURNING *
    ), writers_history AS (
        INSERT INTO audits_writerinterval (virtual_machine_id, host_id, writer_says, became, from_at, to_at)
        SELECT virtual_machine_id, host_id, writer_says, 'gone', COALESCE(writer_since_at, since_at), %(at)s FROM ended
    )
    INSERT INTO audits_verdictinterval (virtual_machine_id, host_id, verdict, confidence, causes, became, from_at,
                                        to_at)
    SELECT virtual_machine_id, host_id, verdict, confidence, causes, 'gone', since_at, %(at)s FROM ended
"""


def write_verdicts(
    verdicts: Collection[VMVerdict],
    vm_ids: Mapping[str, UUID],
    *,
    home: Home,
    backup_path: str,
    run_id: UUID,
    at: datetime,
    read_at: datetime | None = None,
) -> frozenset[UUID]:
    """Store them; the hosts from which a VM has moved here. `at`: when they came to be; `read_at` where the evidence
    behind them is older.
    """
    rows = {vm_ids[verdict.vm_id]: verdict for verdict in reversed(list(verdicts)) if verdict.vm_id in vm_ids}
    document = [_as_row(vm_id, verdict, backup_path) for vm_id, verdict in rows.items()]
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"customer": home.customer_id, "host": home.host_id, "run": run_id, "at": at}
        values["read_at"] = read_at or at
        cursor.execute(_UPSERT, {**values, "rows": json.dumps(document)})
        return frozenset(row[0] for row in cursor.fetchall())


def _as_row(vm_id: UUID, verdict: VMVerdict, backup_path: str) -> dict[str, Any]:
    return {
        "virtual_machine_id": str(vm_id),
        "name": verdict.vm,
        "vm_state": verdict.vm_state,
        "backup_path": backup_path,
        "verdict": verdict.verdict,
        "verdict_vss": verdict.verdict_vss,
        "verdict_wmi": verdict.verdict_wmi,
        "confidence": verdict.confidence,
        "depends_on_backup_path": verdict.depends_on_backup_path,
        "conflict": verdict.conflict,
        "host_side_ready": verdict.host_side_ready,
        "writer_says": verdict.writer_says,
        "observed": verdict.observed,
        "observed_reason": verdict.observed_reason,
        "causes": verdict.causes,
        "unknowns": verdict.unknowns,
        "unknown_reasons": verdict.unknown_reasons,
        "sentence": verdict.sentence,
    }


def end_verdicts(vm_ids: Collection[UUID], at: datetime) -> None:
    """Of VMs that are gone: the last verdict becomes history."""
    with connection.cursor() as cursor:
        cursor.execute(_END, {"vms": list(vm_ids), "at": at})
