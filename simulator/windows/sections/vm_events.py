"""Section `vm_events`: what a host's logs hold of its VMs' lives, of backups and of its own, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from simulator.windows.host import WindowsHost
from simulator.windows.machine import VirtualMachine
from simulator.windows.sections.reading import Gap, Reading
from simulator.windows.times import iso

WINDOW_DAYS = 14
ROOM = 4000  # the probe's own limit per provider of Hyper-V
MEGABYTE = 1024 * 1024

WORKER = "Microsoft-Windows-Hyper-V-Worker"
VMMS = "Microsoft-Windows-Hyper-V-VMMS"
KERNEL = "Microsoft-Windows-Kernel-General"
CLUSTERING = "Microsoft-Windows-FailoverClustering"
BACKUP = "Microsoft-Windows-Backup"

# Provider: the logs it writes to; the first one is where the events of this section are.
LOGS = {
    WORKER: (f"{WORKER}-Admin", f"{WORKER}-Operational"),
    VMMS: (f"{VMMS}-Admin", f"{VMMS}-Operational", f"{VMMS}-Storage"),
    KERNEL: ("System",),
    "EventLog": ("System",),
    "User32": ("System",),
    CLUSTERING: ("System", f"{CLUSTERING}/Operational"),
    BACKUP: (BACKUP,),
    "VSS": ("Application",),
}
OF_HYPER_V = (WORKER, VMMS)
# What an English manifest calls the two events that matter most; a German one has them in German.
TEXTS = {
    "en-US": {18510: "'%1' saved successfully. (Virtual machine ID %2)", 18596: "'%1' was restored successfully."},
    "de-DE": {18510: "'%1' wurde erfolgreich gespeichert.", 18596: "'%1' wurde erfolgreich wiederhergestellt."},
    "fr-FR": {18510: "« %1 » a été enregistré avec succès.", 18596: "« %1 » a été restauré avec succès."},
    "ja-JP": {18510: "'%1' は正常に保存されました。", 18596: "'%1' は正常に復元されました。"},
}
# A VM is saved this long after a shutdown was asked for, and restored this long after Windows is back.
SAVED_AFTER = timedelta(seconds=20)
RESTORED_AFTER = timedelta(seconds=40)


@dataclass(frozen=True)
class Entry:
    """One event as the log holds it."""

    at: datetime
    provider: str
    event_id: int
    vm_id: str | None = None
    level: int = 4


def read(host: WindowsHost, now: datetime, anchor: datetime) -> Reading:
    """Everything within the window and within the reach of the log."""
    start = datetime.combine(now.astimezone(UTC).date(), time(), tzinfo=UTC) - timedelta(days=WINDOW_DAYS)
    oldest = {log: _oldest(host, log, anchor) for logs in LOGS.values() for log in logs}
    providers = [provider for provider in LOGS if _is_there(host, provider)]
    kept = [
        entry
        for entry in sorted(_happened(host, now, anchor), key=lambda entry: entry.at)
        if entry.provider in providers and max(start, oldest[LOGS[entry.provider][0]]) <= entry.at <= now
    ]
    rows: list[dict[str, object]] = []
    sources = []
    gaps = [Gap("sources", "absent", f"{each} NoMatchingProvidersFound") for each in LOGS if each not in providers]
    for provider in LOGS:
        room = ROOM if provider in OF_HYPER_V else ROOM // 4
        own = [_row(number, entry) for number, entry in enumerate(kept, start=1000) if entry.provider == provider]
        is_read = provider in providers and LOGS[provider][0] not in host.unreadable_logs
        if provider in providers and not is_read:
            gaps.append(Gap("sources", "denied", f"{provider} LogInfoUnavailable"))
        sources.append({"provider": provider, "read": is_read, "truncated": len(own) > room if is_read else None})
        rows += own[::-1][:room] if is_read else []
    names = list(dict.fromkeys(log for provider in providers for log in LOGS[provider]))
    data: dict[str, object] = {
        "window_days": WINDOW_DAYS,
        "window_from": iso(start),
        "window_to": iso(now),
        "events": rows,
        "sources": sources,
        "logs": [_log(log, oldest[log], log not in host.unreadable_logs) for log in names],
        "meanings": _meanings(host) if host.hyper_v else None,
    }
    return Reading(data, gaps)


def _is_there(host: WindowsHost, provider: str) -> bool:
    if provider in OF_HYPER_V:
        return host.hyper_v
    return host.cluster is not None if provider == CLUSTERING else True


def _oldest(host: WindowsHost, log: str, anchor: datetime) -> datetime:
    """How far back a log reaches: for a month or two, unless the scenario says that it wrapped."""
    return anchor - timedelta(days=host.vm_log_days if log == LOGS[WORKER][0] else 63)


def _happened(host: WindowsHost, now: datetime, anchor: datetime) -> Iterator[Entry]:
    for vm in host.vms:
        yield from _life(vm, now, anchor)
    for run in host.backup_runs:
        for start, end in run.times(anchor):
            if run.product == "windows_server_backup":
                yield Entry(start, BACKUP, 1)
                yield Entry(end, BACKUP, 4)
                yield Entry(end, BACKUP, 14)
            # The snapshot takes a minute; VSS is idle three minutes later.
            yield Entry(start + timedelta(minutes=4), "VSS", 8224)
    for shutdown in host.shutdowns:
        down, up = shutdown.times(anchor)
        yield Entry(down, "User32", 1074)
        yield Entry(down + timedelta(seconds=50), "EventLog", 6006)
        yield Entry(down + timedelta(seconds=52), KERNEL, 13)
        yield Entry(up, KERNEL, 12)
        yield Entry(up + timedelta(seconds=5), "EventLog", 6005)
        for vm in host.vms:
            if vm.is_running and vm.stop_action == "save":
                yield Entry(down + SAVED_AFTER, WORKER, 18510, vm.vm_id)
                yield Entry(up + RESTORED_AFTER, WORKER, 18596, vm.vm_id)
    for move in host.role_moves:
        yield Entry(anchor - timedelta(hours=move), CLUSTERING, 1641)


def _life(vm: VirtualMachine, now: datetime, anchor: datetime) -> Iterator[Entry]:
    for save in vm.saves:
        for saved_at, restored_at in save.times(now, anchor) if save.logged else ():
            yield Entry(saved_at, WORKER, 18510, vm.vm_id)
            if save.stopped:
                yield Entry(saved_at + timedelta(seconds=1), WORKER, 18502, vm.vm_id)
            if restored_at is not None:
                yield Entry(restored_at, WORKER, 18596, vm.vm_id)


def _row(number: int, entry: Entry) -> dict[str, object]:
    return {
        "log": LOGS[entry.provider][0],
        "provider": entry.provider,
        "event_id": entry.event_id,
        "version": 0,
        "level": entry.level,
        "record_id": number,
        "at": iso(entry.at),
        "vm_id": entry.vm_id,
    }


def _log(log: str, oldest: datetime, readable: bool) -> dict[str, object]:
    return {
        "log": log,
        "record_count": 4112 if readable else None,
        "file_bytes": MEGABYTE + 4096 if readable else None,
        "max_bytes": MEGABYTE if readable else None,
        "oldest_at": iso(oldest) if readable else None,
        "readable": readable,
    }


def _meanings(host: WindowsHost) -> list[dict[str, object]]:
    return [
        {"provider": WORKER, "event_id": event_id, "version": 0, "level": 4, "text": text}
        for event_id, text in TEXTS[host.language].items()
    ]
