"""What has to be written when new results meet the stored ones: a pure comparison, the database is not asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

UNKNOWN = "unknown"
type_of_key = tuple[str, str]  # subject_key, rule


class NewResult(Struct, frozen=True, gc=False):
    """One result of this audit, with the subject's lasting identity."""

    subject_key: str
    rule: str
    rule_version: int
    virtual_machine_id: UUID | None
    subject_type: str
    subject_id: str
    subject: str
    result: str
    severity: str
    confidence: str
    measured: str | None
    reason: str | None
    fix: str | None
    known_result: str = ""
    known_at: datetime | None = None

    @property
    def key(self) -> type_of_key:
        return self.subject_key, self.rule


@dataclass(frozen=True, slots=True)
class StoredResult:
    """One current row. `row` holds exactly the fields that an audit writes, for comparison."""

    id: UUID
    row: NewResult
    host_id: UUID
    first_seen_at: datetime
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """`refreshed` rows say the same with another measured value; only `changed` and `gone` end an interval."""

    added: list[NewResult] = field(default_factory=list)
    refreshed: list[tuple[StoredResult, NewResult]] = field(default_factory=list)
    changed: list[tuple[StoredResult, NewResult]] = field(default_factory=list)
    gone: list[StoredResult] = field(default_factory=list)


def reconcile(
    stored: Mapping[type_of_key, StoredResult],
    new: Iterable[NewResult],
    *,
    host_id: UUID,
    resolved_subject_types: frozenset[str],
) -> Changes:
    """Compare. A stored row that is not in `new` is gone only where absence is evidence: its subject's type was read.

    A VM that is not here at all keeps its rows; whether it is gone is decided by `sightings`. An unknown that replaces
    a known result carries the last known one along.
    """
    changes = Changes()
    seen: set[type_of_key] = set()
    vms_here: set[UUID] = set()
    for result in new:
        if result.key in seen:
            continue  # a host that names a subject twice is believed once
        seen.add(result.key)
        if result.virtual_machine_id is not None:
            vms_here.add(result.virtual_machine_id)
        old = stored.get(result.key)
        if old is None:
            changes.added.append(result)
            continue
        result = _with_last_known(old, result)
        if result == old.row and old.host_id == host_id:
            continue
        is_transition = (result.result, result.severity) != (old.row.result, old.row.severity)
        (changes.changed if is_transition else changes.refreshed).append((old, result))
    for key, old in stored.items():
        if key in seen or old.host_id != host_id:
            continue
        vm_id = old.row.virtual_machine_id
        if old.row.subject_type in resolved_subject_types and (vm_id is None or vm_id in vms_here):
            changes.gone.append(old)
    return changes


def _with_last_known(old: StoredResult, new: NewResult) -> NewResult:
    if new.result != UNKNOWN:
        return new
    if old.row.result == UNKNOWN:
        return replace(new, known_result=old.row.known_result, known_at=old.row.known_at)
    return replace(new, known_result=old.row.result, known_at=old.read_at)
