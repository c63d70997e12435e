"""Nights as the event log tells them: backup windows and the times in the saved state seen in them, of a host or VM."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from audits.judgement.episodes.episode import BackupWindow
from audits.models import Episode, HostState, Schedule
from audits.timetable import Timetable

NIGHTS_OF_A_HOST = 7

_NOON = time(12)
_DAY = timedelta(days=1)
_QUARTER_DAY = timedelta(hours=6)
_WITHOUT_WINDOW = Timetable(_NOON, time(13), "UTC", weekdays=())


@dataclass(slots=True)
class LogNight:
    """From noon to noon by the local clock. `is_read`: the event log shows every save of this night's windows, or from
    six to six where there is none."""

    day: date
    starts_at: datetime
    ends_at: datetime
    is_read: bool
    windows: list[BackupWindow] = field(default_factory=list)
    paused: list[Episode] = field(default_factory=list)
    other: list[Episode] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{self.day:%a} {self.day.day}"

    @property
    def paused_vms(self) -> int:
        return len({episode.virtual_machine_id for episode in self.paused})

    @property
    def other_vms(self) -> int:
        return len({episode.virtual_machine_id for episode in self.other})

    @property
    def longest_seconds(self) -> float | None:
        return max((episode.duration_seconds or 0 for episode in self.paused), default=None)

    def place_of(self, moment: datetime) -> float:
        """Where in the night a moment lies, from 0 to 1; one outside of it lies at the edge."""
        return min(1.0, max(0.0, (moment - self.starts_at) / (self.ends_at - self.starts_at)))


@dataclass(frozen=True, slots=True)
class LogNights:
    """The last nights, oldest first, with what they add up to."""

    nights: list[LogNight]
    timetable: Timetable | None

    @property
    def paused_nights(self) -> list[LogNight]:
        return [night for night in self.nights if night.paused]

    @property
    def read_nights(self) -> int:
        return sum(night.is_read for night in self.nights)

    @property
    def is_empty(self) -> bool:
        """Nothing was read and nothing was seen."""
        return not self.read_nights and not any(night.paused or night.other for night in self.nights)

    @property
    def has_window(self) -> bool:
        return self.timetable is not None

    @property
    def zone(self) -> str:
        return self.timetable.time_zone if self.timetable else "UTC"

    @property
    def episodes(self) -> list[Episode]:
        """All of them, newest first."""
        found = [episode for night in self.nights for episode in (*night.paused, *night.other)]
        return sorted(found, key=lambda episode: episode.saved_at, reverse=True)

    def clock(self, moment: datetime) -> str:
        """The local time of day."""
        return f"{(self.timetable or _WITHOUT_WINDOW).local(moment):%H:%M:%S}"


def last_night(now: datetime | None = None, time_zone: str = "UTC") -> date:
    """The night that people mean during the day after it: that of yesterday's evening."""
    zone = Timetable(_NOON, time(13), time_zone, weekdays=())
    return zone.local(now or timezone.now()).date() - _DAY


def log_nights_of(
    episodes: Iterable[Episode],
    *,
    schedule: Schedule | None,
    state: HostState | None,
    number: int,
    now: datetime | None = None,
) -> LogNights:
    """The last `number` nights with these episodes in them. No query."""
    timetable = schedule.timetable if schedule else None
    clock = timetable or _WITHOUT_WINDOW
    last = last_night(now, clock.time_zone)
    days = [last - n * _DAY for n in reversed(range(number))]
    nights = {day: _night(day, clock, state) for day in days}
    for episode in episodes:
        night = nights.get(episode.night)
        if night is not None:
            (night.paused if episode.is_proof else night.other).append(episode)
    return LogNights(list(nights.values()), timetable)


def first_night(schedule: Schedule | None, number: int) -> date:
    """The oldest night that `log_nights_of` shows: what a query has to begin with."""
    return last_night(time_zone=schedule.time_zone if schedule else "UTC") - (number - 1) * _DAY


def _night(day: date, clock: Timetable, state: HostState | None) -> LogNight:
    starts_at, ends_at = clock.noon_of(day), clock.noon_of(day + _DAY)
    windows = [window for window in clock.windows(starts_at, ends_at) if starts_at <= window.starts_at < ends_at]
    spans = windows or [BackupWindow(starts_at + _QUARTER_DAY, ends_at - _QUARTER_DAY)]
    return LogNight(day, starts_at, ends_at, _is_read(spans, state), windows)


def _is_read(spans: Sequence[BackupWindow], state: HostState | None) -> bool:
    if state is None or state.events_from_at is None or state.events_until_at is None:
        return False
    return all(state.events_from_at <= span.starts_at and span.ends_at <= state.events_until_at for span in spans)
