"""A backup window on local clocks, and the moments around it at which to audit: pure, safe across clock changes.

A window belongs to the day on which it begins. Where the clock is put forward or back inside it, both readings of a
local time count: the window begins at the earlier one and ends at the later one, so it never misses a real backup.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from audits.judgement.episodes.episode import BackupWindow

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = tuple(range(1, 8))

_DAY = timedelta(days=1)
_NOON = time(12)
_HALF_DAY = timedelta(hours=12)
# A window ends on the day after it began at the latest, its harvest a day later; a weekday comes back after seven
# days. Clocks differ by 26 hours around the world, so a day is added at both ends.
_DAYS_BACK, _DAYS_AHEAD = 4, 9


class Occasion(StrEnum):
    """Why a scheduled audit runs when it does."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A moment to audit, and the night it belongs to."""

    at: datetime
    occasion: Occasion
    window: BackupWindow


@dataclass(frozen=True, slots=True)
class Timetable:
    """When backups may run, by the local clock, and how long before and after to audit; 0 minutes: not at all.

    `weekdays` are ISO numbers, Monday 1 to Sunday 7, of the days on which a window begins. A window whose end is not
    later than its begin ends on the next day.
    """

    begins: time
    ends: time
    time_zone: str
    weekdays: tuple[int, ...] = EVERY_DAY
    audit_before_minutes: int = 0
    harvest_after_minutes: int = 0

    def windows(self, since: datetime, until: datetime) -> list[BackupWindow]:
        """The windows that have a moment in common with this time, oldest first."""
        first = since.astimezone(self._zone).date() - 2 * _DAY
        days = (until.astimezone(self._zone).date() - first).days + 2
        nights = (self._window_on(first + n * _DAY) for n in range(days))
        return sorted(night for night in nights if night and night.starts_at < until and night.ends_at > since)

    def night_of(self, moment: datetime) -> date:
        """The local date of the night's evening: a night lasts from noon to noon, and a window belongs to the night in
        which it begins."""
        window = self.window_holding(moment)
        return (self.local(window.starts_at if window else moment) - _HALF_DAY).date()

    def noon_of(self, day: date) -> datetime:
        """When the night of this day begins, in UTC."""
        return datetime.combine(day, _NOON, self._zone).astimezone(UTC)

    def window_holding(self, moment: datetime) -> BackupWindow | None:
        return next(iter(self.windows(moment, moment + timedelta(microseconds=1))), None)

    def moments(self, after: datetime, until: datetime) -> list[Moment]:
        """The moments to audit in (`after`, `until`], in order."""
        first = after.astimezone(self._zone).date() - _DAYS_BACK * _DAY
        days = (until.astimezone(self._zone).date() - first).days + _DAYS_BACK
        found = (moment for n in range(days) for moment in self._moments_on(first + n * _DAY))
        return sorted(moment for moment in found if after < moment.at <= until)

    def next_moments(self, after: datetime, number: int = 1) -> list[Moment]:
        """The first `number` moments after this one; fewer where the timetable has none."""
        found: list[Moment] = []
        while len(found) < number:
            until = after + _DAYS_AHEAD * _DAY
            more = self.moments(after, until)
            if not more:
                break
            found, after = found + more, until
        return found[:number]

    def local(self, moment: datetime) -> datetime:
        """The same moment by the local clock."""
        return moment.astimezone(self._zone)

    def in_words(self, moment: datetime) -> str:
        """As people of that place say it: `Wed 25 Nov 2026, 21:00 CET`."""
        return f"{self.local(moment):%a %d %b %Y, %H:%M %Z}"

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def _moments_on(self, day: date) -> Iterator[Moment]:
        window = self._window_on(day)
        if window is None:
            return
        if self.audit_before_minutes:
            yield Moment(window.starts_at - timedelta(minutes=self.audit_before_minutes), Occasion.BEFORE, window)
        if self.harvest_after_minutes:
            yield Moment(window.ends_at + timedelta(minutes=self.harvest_after_minutes), Occasion.AFTER, window)

    def _window_on(self, day: date) -> BackupWindow | None:
        if day.isoweekday() not in self.weekdays:
            return None
        last_day = day if self.ends > self.begins else day + _DAY
        return BackupWindow(min(self._readings(day, self.begins)), max(self._readings(last_day, self.ends)))

    def _readings(self, day: date, clock: time) -> tuple[datetime, datetime]:
        """The one or two moments a local time stands for. One that the clock skips is read with the offset before
        and after the change (PEP 495), which lie on either side of it."""
        local = datetime.combine(day, clock, self._zone)
        return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
