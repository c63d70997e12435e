"""Events of a VM's life and of a host's, at times of one night, as the tests of the third witness write them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from audits.judgement.episodes.episode import BackupWindow, Episode, Observation
from audits.judgement.episodes.known_events import BACKUP, CLUSTERING, KERNEL, USER32, VMMS, VSS, WORKER, WORKER_LOG
from audits.judgement.evidence import HostEvidence, Jobs
from audits.judgement.evidence.jobs import COMPLETED, RESTORE, SAVE, Job
from audits.judgement.evidence.vm_events import Event
from audits.judgement.judge import judge
from tests.judgement.hosts import VM_ID, healthy_host, quiet_log

NIGHT = "2026-11-20"
OTHER_VM = "6d0a1f3e-0000-4000-8000-000000000002"
THIRD_VM = "6d0a1f3e-0000-4000-8000-000000000003"


def at(clock: str, day: str = NIGHT) -> str:
    return f"{day}T{clock}.0000000Z"


def moment(clock: str, day: str = NIGHT) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC)


def event(provider: str, event_id: int, clock: str, **fields: Any) -> Event:
    log = WORKER_LOG if provider == WORKER else f"{provider}-log"
    made: dict[str, Any] = {"log": log, "version": 0, "level": 4, "at": at(clock)}
    return Event(provider=provider, event_id=event_id, **(made | fields))


def saved(clock: str, vm_id: str = VM_ID, **fields: Any) -> Event:
    return event(WORKER, 18510, clock, vm_id=vm_id, **fields)


def restored(clock: str, vm_id: str = VM_ID, **fields: Any) -> Event:
    return event(WORKER, 18596, clock, vm_id=vm_id, **fields)


def nine_seconds(vm_id: str = VM_ID) -> tuple[Event, Event]:
    """Saved at 22:01:13, restored nine seconds later."""
    return saved("22:01:13", vm_id), restored("22:01:22", vm_id)


def turned_off(clock: str) -> Event:
    return event(WORKER, 18502, clock, vm_id=VM_ID)


def started(clock: str) -> Event:
    return event(WORKER, 18500, clock, vm_id=VM_ID)


def backup_started(clock: str) -> Event:
    return event(BACKUP, 1, clock)


def backup_ended(clock: str) -> Event:
    return event(BACKUP, 4, clock)


def vss_idle(clock: str) -> Event:
    return event(VSS, 8224, clock)


def merge_began(clock: str) -> Event:
    return event(VMMS, 19070, clock, vm_id=OTHER_VM)


def shutdown_asked(clock: str) -> Event:
    return event(USER32, 1074, clock)


def windows_ended(clock: str) -> Event:
    return event(KERNEL, 13, clock)


def windows_started(clock: str) -> Event:
    return event(KERNEL, 12, clock)


def role_moved(clock: str) -> Event:
    return event(CLUSTERING, 1641, clock)


def job(job_type: int, clock: str, vm_id: str = VM_ID, **fields: Any) -> Job:
    made: dict[str, Any] = {
        "job_id": f"{job_type}/{clock}",
        "job_state": COMPLETED,
        "started_at": at(clock),
        "changed_at": at(clock),
        "vm_id": vm_id,
    }
    return Job(job_type=job_type, **(made | fields))


def save_job(clock: str, **fields: Any) -> Job:
    return job(SAVE, clock, **fields)


def restore_job(clock: str, **fields: Any) -> Job:
    return job(RESTORE, clock, **fields)


WINDOW = BackupWindow(moment("22:00:00"), moment("04:00:00", "2026-11-21"))


def host_that_logged(*events: Event, jobs: Iterable[Job] = (), **log: Any) -> HostEvidence:
    return structs.replace(healthy_host(), vm_events=quiet_log(*events, **log), jobs=Jobs(jobs=tuple(jobs)))


def observed(host: HostEvidence, *windows: BackupWindow) -> Observation:
    """What the third witness says of the first VM of the host."""
    judgement = judge(host, backup_windows=windows)
    assert not judgement.crashes
    verdict = judgement.verdicts[0]
    own = tuple(episode for episode in judgement.episodes if episode.vm_id == verdict.vm_id)
    return Observation(word=verdict.observed, reason=verdict.observed_reason, episodes=own)


def only_episode(host: HostEvidence, *windows: BackupWindow) -> Episode:
    [episode] = observed(host, *windows).episodes
    return episode
