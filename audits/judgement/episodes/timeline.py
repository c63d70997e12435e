"""Events in the order of time, of which those around a moment are found without looking at all of them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from audits.judgement.episodes.life_events import LifeEvent


class Timeline:
    """A host with a thousand VMs logs thousands of saves and of signs: each save looks at its own minutes only."""

    def __init__(self, events: Iterable[LifeEvent]) -> None:
        self._events = sorted(events, key=lambda event: event.at)
        self._times = [event.at for event in self._events]

    def __iter__(self) -> Iterator[LifeEvent]:
        return iter(self._events)

    def between(self, start: datetime, end: datetime) -> list[LifeEvent]:
        """Oldest first, both ends included."""
        return self._events[bisect_left(self._times, start) : bisect_right(self._times, end)]

    def nearest(self, start: datetime, end: datetime) -> tuple[timedelta, LifeEvent] | None:
        """The event closest to a time, with its distance; nothing apart where it lies within. None: there is none.

        Costs two look-ups, however many events a host crowds into one minute.
        """
        position = bisect_left(self._times, start)
        after = self._events[position] if position < len(self._events) else None
        before = self._events[position - 1] if position else None
        found = []
        if before is not None:
            found.append((start - before.at, before))
        if after is not None:
            found.append((max(after.at - end, timedelta(0)), after))
        return min(found, key=lambda each: each[0], default=None)
