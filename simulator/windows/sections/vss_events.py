"""Section `vss_events`: counts by provider and id, and how far back each log reaches."""

from datetime import datetime, timedelta

from simulator.windows.host import LoggedEvent, WindowsHost
from simulator.windows.sections.reading import Gap, Reading
from simulator.windows.times import iso

WINDOW_DAYS = 14
LOGS = (
    "Application",
    "System",
    "Microsoft-Windows-Hyper-V-VMMS-Admin",
    "Microsoft-Windows-Hyper-V-VMMS-Operational",
    "Microsoft-Windows-Hyper-V-VMMS-Storage",
    "Microsoft-Windows-Hyper-V-Worker-Admin",
    "Microsoft-Windows-Hyper-V-Worker-Operational",
    "Microsoft-Windows-Backup",
    "Microsoft-Windows-VHDMP-Operational",
)
# VSS says good night after every use (8224). It is information, and no sign of trouble.
ORDINARY = (LoggedEvent(provider="VSS", event_id=8224, level=4, count=14, hours_ago=9.0),)


def read(host: WindowsHost, now: datetime, anchor: datetime) -> Reading:
    data: dict[str, object] = {
        "window_days": WINDOW_DAYS,
        "window_from": iso(now - timedelta(days=WINDOW_DAYS)),
        "window_to": iso(now),
        "counts": [_count(event, anchor) for event in (*ORDINARY, *host.events)],
        "logs": [_log(log, log not in host.unreadable_logs, anchor) for log in LOGS],
        "truncated": False,
    }
    gaps = [Gap("logs", "denied", f"{log} LogInfoUnavailable") for log in LOGS if log in host.unreadable_logs]
    return Reading(data, gaps)


def _count(event: LoggedEvent, anchor: datetime) -> dict[str, object]:
    last = anchor - timedelta(hours=event.hours_ago)
    return {
        "provider": event.provider,
        "event_id": event.event_id,
        "level": event.level,
        "count": event.count,
        "first_at": iso(last - timedelta(hours=min(event.count - 1, 12 * 24))),
        "last_at": iso(last),
        "codes": list(event.codes) if (event.provider, event.event_id) == ("VSS", 8193) else None,
    }


def _log(log: str, readable: bool, anchor: datetime) -> dict[str, object]:
    return {
        "log": log,
        "record_count": 4112 if readable else None,
        "file_bytes": 1024 * 1024 + 4096 if readable else None,
        "max_bytes": 1024 * 1024 if readable else None,
        "oldest_at": iso(anchor - timedelta(days=63)) if readable else None,
        "readable": readable,
    }
