"""Saves and restores that Hyper-V still lists as jobs: finished ones stay for five minutes, in every language."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from audits.judgement.episodes.saved_pairs import SavedPair
from audits.judgement.evidence.jobs import COMPLETED, RESTORE, SAVE, Job
from audits.judgement.moments import moment_of

# A job ends when its event is logged, give or take the writing of both; two saves of one VM are further apart.
SAME_SAVE = timedelta(minutes=1)


def job_pairs(jobs: Iterable[Job]) -> tuple[SavedPair, ...]:
    """One pair per finished save job of a VM, in the order of time. A save that still runs is none yet."""
    by_vm: dict[str, list[tuple[datetime, bool]]] = {}
    for job in jobs:
        at = moment_of(job.changed_at)
        if job.vm_id and at is not None and job.job_state == COMPLETED and job.job_type in (SAVE, RESTORE):
            by_vm.setdefault(job.vm_id.lower(), []).append((at, job.job_type == RESTORE))
    pairs = [pair for vm_id, ends in by_vm.items() for pair in _pairs_of(vm_id, sorted(set(ends)))]
    return tuple(sorted(pairs, key=lambda pair: (pair.saved_at, pair.vm_id)))


def is_same_save(one: SavedPair, other: SavedPair) -> bool:
    return one.vm_id == other.vm_id and abs(one.saved_at - other.saved_at) <= SAME_SAVE


def _pairs_of(vm_id: str, ends: list[tuple[datetime, bool]]) -> Iterable[SavedPair]:
    saved_at: datetime | None = None
    for at, is_restore in ends:
        if is_restore:
            if saved_at is not None:
                yield SavedPair(vm_id, saved_at, at)
            saved_at = None
        else:
            if saved_at is not None:
                yield SavedPair(vm_id, saved_at, None)
            saved_at = at
    if saved_at is not None:
        yield SavedPair(vm_id, saved_at, None)
