"""The events of a host as typed moments: each once, in the order of time, with the meaning it has on that build."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from audits.judgement.episodes.known_events import INFORMATION, WORKER, KnownEvent, Meaning, Source, known_event
from audits.judgement.evidence.vm_events import Event, VmEvents
from audits.judgement.moments import moment_of
from audits.judgement.words import Confidence

# Both must be known to the host's manifest, as information, before a pair of them proves anything with confidence.
SAVED_ID, RESTORED_ID = 18510, 18596


class LifeEvent(Struct, frozen=True, gc=False):
    """One event that has a meaning. `vm_id` None: it is about the host, or it names no VM."""

    at: datetime
    known: KnownEvent
    vm_id: str | None
    record_id: int
    log: str | None

    @property
    def meaning(self) -> Meaning:
        return self.known.meaning


def life_events(events: Iterable[Event], build: int | None) -> tuple[LifeEvent, ...]:
    """Those with a time and a meaning, oldest first. The same record read twice, or found in two logs, counts once."""
    found: dict[tuple[object, ...], LifeEvent] = {}
    records: set[tuple[str, int]] = set()
    for event in events:
        known = known_event(event.provider, event.event_id, build)
        at = moment_of(event.at)
        if known is None or at is None:
            continue
        if event.log is not None and event.record_id is not None:
            record = (event.log, event.record_id)
            if record in records:
                continue
            records.add(record)
        vm_id = event.vm_id.lower() if event.vm_id else None
        life = LifeEvent(at, known, vm_id, event.record_id or 0, event.log)
        found.setdefault((known.provider, known.event_id, vm_id, at), life)
    return tuple(sorted(found.values(), key=lambda life: (life.at, life.record_id)))


def why_ids_are_doubted(section: VmEvents) -> str | None:
    """Why the host's own manifest contradicts the meaning of "saved" or "restored"; None where it does not.

    It contradicts when it was read and does not have the id, or has it as something else than information.
    """
    levels = _levels_of_worker(section)
    if levels is None:
        return None
    for event_id, word in ((SAVED_ID, "saved"), (RESTORED_ID, "restored")):
        if event_id not in levels:
            return f"this Windows does not define event {event_id}, by which a VM that was {word} is known"
        if INFORMATION not in levels[event_id]:
            return f"event {event_id} is no information on this Windows, so it cannot mean that a VM was {word}"
    return None


def confidence_in_ids(section: VmEvents) -> Confidence:
    """High where the host's manifest has both ids as information, else medium: the ids rest on field knowledge."""
    levels = _levels_of_worker(section)
    return Confidence.HIGH if levels is not None and why_ids_are_doubted(section) is None else Confidence.MEDIUM


def is_settled(known: KnownEvent) -> bool:
    return known.source is not Source.UNCONFIRMED


def _levels_of_worker(section: VmEvents) -> dict[int, set[int | None]] | None:
    levels: dict[int, set[int | None]] = {}
    for meaning in section.meanings or ():
        if meaning.provider.lower() == WORKER.lower():
            levels.setdefault(meaning.event_id, set()).add(meaning.level)
    return levels or None
