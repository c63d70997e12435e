"""Saves and restores of one VM put together: a save belongs to the next restore, unless something came between."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from audits.judgement.episodes.known_events import Meaning
from audits.judgement.episodes.life_events import LifeEvent

# Whether a restore is logged as a start too is not documented. A start this close to a restore is the same act.
SAME_ACT = timedelta(minutes=1)


class SavedPair(Struct, frozen=True, gc=False):
    """One save with what ended it. `restored_at` None: nothing within the log did.

    `stopped_between`: the VM was turned off after the save, so what was restored later is another saved state, that of
    a checkpoint.
    """

    vm_id: str
    saved_at: datetime
    restored_at: datetime | None
    stopped_between: bool = False

    @property
    def length(self) -> timedelta | None:
        return None if self.restored_at is None else self.restored_at - self.saved_at


def saved_pairs(events: Iterable[LifeEvent]) -> tuple[SavedPair, ...]:
    """One pair per save of every VM, in the order of the saves. `events`: oldest first, of any number of VMs.

    A second save before a restore leaves the first one open; a restore without a save (its save is older than the log,
    or was on another node) makes no pair; a start long before the restore ends the save without one.
    """
    by_vm: dict[str, list[LifeEvent]] = {}
    for event in events:
        if event.vm_id is not None:
            by_vm.setdefault(event.vm_id, []).append(event)
    pairs = [pair for vm_id, own in by_vm.items() for pair in _pairs_of(vm_id, own)]
    return tuple(sorted(pairs, key=lambda pair: (pair.saved_at, pair.vm_id)))


def _pairs_of(vm_id: str, events: list[LifeEvent]) -> Iterable[SavedPair]:
    saved_at: datetime | None = None
    stopped = False
    for position, event in enumerate(events):
        if event.meaning is Meaning.SAVED:
            if saved_at is not None:
                yield SavedPair(vm_id, saved_at, None, stopped)
            saved_at, stopped = event.at, False
        elif saved_at is None:
            continue
        elif event.meaning is Meaning.RESTORED:
            yield SavedPair(vm_id, saved_at, event.at, stopped)
            saved_at, stopped = None, False
        elif event.meaning is Meaning.STOPPED:
            stopped = True
        elif event.meaning is Meaning.STARTED and not _is_part_of_a_restore(events, position):
            yield SavedPair(vm_id, saved_at, None, stopped)
            saved_at, stopped = None, False
    if saved_at is not None:
        yield SavedPair(vm_id, saved_at, None, stopped)


def _is_part_of_a_restore(events: list[LifeEvent], start: int) -> bool:
    """Whether the VM was restored within the minute after this start, before anything else happened to it."""
    following = events[start + 1] if start + 1 < len(events) else None
    return (
        following is not None and following.meaning is Meaning.RESTORED and following.at - events[start].at <= SAME_ACT
    )
