"""Section `jobs`: what a busy VM is busy with, and saves of the last five minutes."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from simulator.windows.guids import guid
from simulator.windows.host import WindowsHost
from simulator.windows.machine import VirtualMachine
from simulator.windows.sections.reading import NO_NAMESPACE, Reading
from simulator.windows.times import iso

# Msvm_ConcreteJob: JobType and JobState.
SAVE, RESTORE = 14, 15
BUSY = {
    "backup": 170,
    "merge": 50,
    "creating_checkpoint": 70,
    "applying_checkpoint": 71,
    "deleting_checkpoint": 72,
    "export": 62,
}
RUNNING, COMPLETED = 4, 7
KEPT = timedelta(minutes=5)  # TimeBeforeRemoval


def read(host: WindowsHost, now: datetime, anchor: datetime) -> Reading:
    if not host.hyper_v:
        return Reading(None, status="skipped", reason=f"no jobs of Hyper-V on this Windows: {NO_NAMESPACE}")
    return Reading({"jobs": [row for vm in host.vms for row in _jobs_of(vm, now, anchor)]})


def _jobs_of(vm: VirtualMachine, now: datetime, anchor: datetime) -> Iterator[dict[str, object]]:
    if vm.busy is not None:
        yield _job(vm, BUSY[vm.busy], anchor, anchor, state=RUNNING)
    for save in vm.saves:
        for saved_at, restored_at in save.times(now, anchor):
            if now - saved_at < KEPT:
                yield _job(vm, SAVE, saved_at - timedelta(seconds=2), saved_at)
            if restored_at is not None and timedelta(0) <= now - restored_at < KEPT:
                yield _job(vm, RESTORE, restored_at - timedelta(seconds=2), restored_at)


def _job(
    vm: VirtualMachine, job_type: int, started: datetime, changed: datetime, *, state: int = COMPLETED
) -> dict[str, object]:
    return {
        "job_id": guid("job", vm.vm_id, job_type, started).upper(),
        "job_type": job_type,
        "job_state": state,
        "started_at": iso(started),
        "changed_at": iso(changed),
        "elapsed_ms": int((changed - started).total_seconds() * 1000),
        "error_code": 0,
        "vm_id": vm.vm_id,
    }
