"""What happened on a host lately, in the domain's words: saves, backups and shutdowns, as times of day in UTC.

Times of day and not ages, because "22:01:13 for 9 s" is what a technician finds in the log of a backup job. Which
night is meant moves with the clock: the last one is the last time that hour has come.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta


@dataclass(frozen=True, kw_only=True)
class Save:
    """A time in the saved state. `seconds` None: not restored.

    `at` with `nights_ago` (1: last night) and `nights` (how many nights before it, too), or `minutes_ago` before the
    host is read, which its jobs still list. `stopped`: turned off in between, as when a checkpoint is applied.
    `logged` False: only the job tells.
    """

    at: str = ""
    seconds: float | None = 9.0
    nights_ago: int = 1
    nights: int = 1
    minutes_ago: float = 0.0
    stopped: bool = False
    logged: bool = True

    def times(self, now: datetime, anchor: datetime) -> Iterator[tuple[datetime, datetime | None]]:
        """From and to, latest first."""
        if self.minutes_ago:
            starts = [now - timedelta(minutes=self.minutes_ago)]
        else:
            starts = list(nightly(self.at, self.nights_ago, self.nights, anchor))
        for start in starts:
            yield start, None if self.seconds is None else start + timedelta(seconds=self.seconds)


@dataclass(frozen=True, kw_only=True)
class BackupRun:
    """A backup of the host. Windows Server Backup logs its start and end; another one only leaves VSS idle."""

    at: str
    minutes: float = 41.0
    nights_ago: int = 1
    nights: int = 1
    product: str = "windows_server_backup"

    def times(self, anchor: datetime) -> Iterator[tuple[datetime, datetime]]:
        for start in nightly(self.at, self.nights_ago, self.nights, anchor):
            yield start, start + timedelta(minutes=self.minutes)


@dataclass(frozen=True, kw_only=True)
class Shutdown:
    """A restart of the host. Running VMs whose stop action is to save are saved before it and restored after it."""

    at: str
    minutes: float = 6.0
    nights_ago: int = 1

    def times(self, anchor: datetime) -> tuple[datetime, datetime]:
        start = next(nightly(self.at, self.nights_ago, 1, anchor))
        return start, start + timedelta(minutes=self.minutes)


def nightly(at: str, nights_ago: int, nights: int, anchor: datetime) -> Iterator[datetime]:
    """The last `nights` times that it was `at`, from the one `nights_ago` on; latest first."""
    clock = time.fromisoformat(at)
    last = datetime.combine(anchor.astimezone(UTC).date(), clock, tzinfo=UTC)
    if last > anchor:
        last -= timedelta(days=1)
    for number in range(nights):
        yield last - timedelta(days=nights_ago - 1 + number)
