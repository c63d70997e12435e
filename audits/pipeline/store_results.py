"""Results into the database: the current row per rule and subject, and an interval for what is no longer so."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection

from audits.judgement.result import Result
from audits.judgement.rules import RULES
from audits.judgement.words import Scope
from audits.pipeline.reconcile import Changes, NewResult, StoredResult, type_of_key

# The columns of a row that an audit writes, in NewResult's order, with their types. Many rows travel as one JSON text:
# quoting an array per column took most of a first audit's time in the worker.
_FIELDS = {
    "subject_key": "text",
    "rule": "text",
    "rule_version": "int",
    "virtual_machine_id": "uuid",
    "subject_type": "text",
    "subject_id": "text",
    "subject": "text",
    "result": "text",
    "severity": "text",
    "confidence": "text",
    "measured": "text",
    "reason": "text",
    "fix": "text",
    "known_result": "text",
    "known_at": "timestamptz",
}
_COLUMNS = ", ".join(_FIELDS)
_RECORD = ", ".join(["id uuid", "first_seen_at timestamptz", *(f"{name} {kind}" for name, kind in _FIELDS.items())])
_NEW_ROWS = f"json_to_recordset(%s::json) AS new({_RECORD})"

_READ = f"""
    SELECT id, host_id, first_seen_at, read_at, {_COLUMNS} FROM audits_result
    WHERE host_id = %s OR virtual_machine_id = ANY(%s::uuid[])
"""
_INSERT = f"""
    INSERT INTO audits_result (id, {_COLUMNS}, host_id, first_seen_at, read_at, run_id)
    SELECT gen_random_uuid(), {", ".join(f"new.{name}" for name in _FIELDS)}, %s, %s, %s, %s FROM {_NEW_ROWS}
"""
_UPDATE = f"""
    UPDATE audits_result SET {", ".join(f"{name} = new.{name}" for name in _FIELDS)}, host_id = %s, read_at = %s,
           run_id = %s, first_seen_at = COALESCE(new.first_seen_at, audits_result.first_seen_at)
    FROM {_NEW_ROWS}
    WHERE audits_result.id = new.id
"""
_END_INTERVALS = """
    INSERT INTO audits_resultinterval (host_id, rule, subject_type, subject_key, subject, result, severity, measured,
                                       reason, from_at, to_at, ended_by_run_id)
    SELECT host_id, rule, subject_type, subject_key, subject, result, severity, measured, reason, first_seen_at, %s, %s
    FROM audits_result WHERE id = ANY(%s::uuid[])
"""
_DELETE = "DELETE FROM audits_result WHERE id = ANY(%s::uuid[])"

# Longer subjects (a volume path of 32,767 characters is legal) are kept apart by the hash of the whole.
_LONGEST_SUBJECT_ID = 300
_LONGEST_VOLUME_KEY = 200


def as_new(results: Collection[Result], host_id: UUID, vm_ids: Mapping[str, UUID]) -> list[NewResult]:
    """Results with their subjects' lasting identity. Of a VM without identity (seen elsewhere) nothing is kept."""
    converted = []
    host_key = str(host_id)
    keys = {guid: str(vm_id) for guid, vm_id in vm_ids.items()}
    for result in results:
        vm_id: UUID | None = None
        if result.subject_type is Scope.VM:
            vm_id = vm_ids.get(result.subject_id)
            if vm_id is None:
                continue
            key = keys[result.subject_id]
        elif result.subject_type is Scope.VOLUME:
            key = f"{host_key}:{_bounded(result.subject_id, _LONGEST_VOLUME_KEY)}"
        else:
            key = host_key
        rule = RULES.get(result.rule)
        converted.append(
            NewResult(
                key,
                result.rule,
                rule.version if rule else 1,
                vm_id,
                str(result.subject_type),
                _bounded(result.subject_id, _LONGEST_SUBJECT_ID),
                result.subject,
                str(result.result),
                str(result.severity),
                str(result.confidence),
                result.measured,
                result.reason,
                result.fix,
            )
        )
    return converted


def _bounded(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: longest - len(digest) - 1]}~{digest}"


def stored_results(host_id: UUID, vm_ids: Collection[UUID]) -> dict[type_of_key, StoredResult]:
    """The current rows of a host, and of these VMs wherever they were seen last."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [host_id, list(vm_ids)])
        rows = [StoredResult(row[0], NewResult(*row[4:]), row[1], row[2], row[3]) for row in cursor.fetchall()]
    return {stored.row.key: stored for stored in rows}


def write_results(changes: Changes, *, host_id: UUID, run_id: UUID, at: datetime) -> None:
    """Write the changes: at most one statement of each kind, however many rows."""
    with connection.cursor() as cursor:
        ended = [old.id for old, _ in changes.changed] + [old.id for old in changes.gone]
        if ended:
            cursor.execute(_END_INTERVALS, [at, run_id, ended])
        if changes.gone:
            cursor.execute(_DELETE, [[old.id for old in changes.gone]])
        updated = [_as_row(old.id, at, new) for old, new in changes.changed]
        updated += [_as_row(old.id, None, new) for old, new in changes.refreshed]
        if updated:
            cursor.execute(_UPDATE, [host_id, at, run_id, _as_json(updated)])
        if changes.added:
            cursor.execute(_INSERT, [host_id, at, at, run_id, _as_json(changes.added)])


def _as_row(row_id: UUID, first_seen_at: datetime | None, new: NewResult) -> dict[str, object]:
    return {"id": row_id, "first_seen_at": first_seen_at} | msgspec.structs.asdict(new)


def _as_json(rows: Collection[NewResult] | Collection[dict[str, object]]) -> str:
    return msgspec.json.encode(rows).decode()
