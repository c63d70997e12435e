"""Events in the order of time, of which those around a moment are found without looking at all of them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime

from audits.judgement.life_events import LifeEvent


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
