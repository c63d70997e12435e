"""When a host's backups run, as its customer's schedule says, and which nights its event log covers."""

from datetime import datetime, timedelta

from audits.judgement.episodes.coverage import covered_since
from audits.judgement.episodes.episode import BackupWindow
from audits.judgement.evidence import HostEvidence
from audits.models import HostState, Schedule
from fleet.models import Host

# The probes read two weeks of events; a host whose clock is wrong may be a day off.
DAYS_BACK = timedelta(days=16)
DAYS_AHEAD = timedelta(days=1)


def schedule_of(host: Host) -> Schedule | None:
    """None: the customer has entered none. Costs no query where it came with the host."""
    schedule: Schedule | None = getattr(host.customer, "schedule", None)
    return schedule


def backup_windows_of(host: Host, now: datetime) -> list[BackupWindow]:
    schedule = schedule_of(host)
    return schedule.timetable.windows(now - DAYS_BACK, now + DAYS_AHEAD) if schedule else []


def note_coverage(state: HostState, evidence: HostEvidence, at: datetime) -> None:
    """Lengthen the time over which the host's event log was read without a gap, or begin it anew after one."""
    since = covered_since(evidence)
    if since is None:
        return
    is_continued = state.events_until_at is not None and since <= state.events_until_at
    state.events_from_at = min(since, state.events_from_at or since) if is_continued else since
    state.events_until_at = at
