"""When a host's backups run, as its customer's schedule says."""

from datetime import datetime, timedelta

from audits.judgement.episodes import BackupWindow
from audits.models import Schedule
from audits.timetable import Timetable
from fleet.models import Host

# The probes read two weeks of events; a host whose clock is wrong may be a day off.
DAYS_BACK = timedelta(days=16)
DAYS_AHEAD = timedelta(days=1)


def timetable_of(host: Host) -> Timetable | None:
    """None: the customer has entered no window. Costs no query where the customer's schedule came with the host."""
    schedule: Schedule | None = getattr(host.customer, "schedule", None)
    return schedule.timetable if schedule is not None else None


def backup_windows_of(host: Host, now: datetime) -> list[BackupWindow]:
    timetable = timetable_of(host)
    return timetable.windows(now - DAYS_BACK, now + DAYS_AHEAD) if timetable else []
