"""The last thirty nights of a VM: what was predicted, what the VSS writer said, and what the event log showed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from audits.models import Verdict, VerdictInterval, WriterInterval
from audits.queries.words import VERDICTS, WRITER_SAYS, Look

NIGHTS = 30


class Pause(Protocol):
    """A time in the saved state, as far as this page shows it."""

    @property
    def saved_at(self) -> datetime: ...

    @property
    def duration_seconds(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Night:
    """The night that begins on the evening of `day`. None: nothing is known of it, as before the first audit."""

    day: date
    predicted: Look | None
    writer: Look | None
    pauses: tuple[Pause, ...] = ()
    is_log_read: bool | None = None


@dataclass(frozen=True, slots=True)
class Nights:
    """Oldest first. `has_log`: the third witness was asked; otherwise its row is left out, not drawn as empty."""

    nights: tuple[Night, ...]
    has_log: bool

    @property
    def paused(self) -> int:
        return sum(bool(night.pauses) for night in self.nights)

    @property
    def known(self) -> int:
        """Nights of which something was known when they began."""
        return sum(night.predicted is not None for night in self.nights)


def nights_of(
    verdict: Verdict,
    verdict_intervals: Iterable[VerdictInterval],
    writer_intervals: Iterable[WriterInterval],
    *,
    today: date,
    pauses: Mapping[date, Sequence[Pause]] | None = None,
    unread_nights: Collection[date] = frozenset(),
) -> Nights:
    """Pure: the rows come from `access`. What stood at midnight is what the night was faced with.

    `pauses` by evening, None where the event log is not asked; `unread_nights`: evenings whose log could not be read.
    """
    verdicts = [(row.from_at, row.to_at, row.verdict) for row in verdict_intervals]
    words = [(row.from_at, row.to_at, row.writer_says) for row in writer_intervals]
    nights = []
    for back in range(NIGHTS, 0, -1):
        day = today - timedelta(days=back)
        midnight = datetime.combine(day + timedelta(days=1), time(), UTC)
        predicted = _standing(midnight, verdicts, (verdict.since_at, verdict.verdict))
        said = _standing(midnight, words, (verdict.writer_since_at or verdict.since_at, verdict.writer_says))
        nights.append(
            Night(
                day=day,
                predicted=VERDICTS.get(predicted or ""),
                writer=WRITER_SAYS.get(said or ""),
                pauses=tuple((pauses or {}).get(day, ())),
                is_log_read=None if pauses is None else day not in unread_nights,
            )
        )
    return Nights(tuple(nights), pauses is not None)


def first_evening(today: date) -> datetime:
    """Intervals that ended before this moment are of no night."""
    return datetime.combine(today - timedelta(days=NIGHTS), time(), UTC)


def _standing(
    moment: datetime, closed: Iterable[tuple[datetime, datetime, str]], now: tuple[datetime, str]
) -> str | None:
    since, word = now
    if since <= moment:
        return word
    return next((said for from_at, to_at, said in closed if from_at <= moment < to_at), None)
