"""The planner for a host of 50 and of 1,024 VMs, half of them failing in eight ways: judged before, planned here."""

import statistics
import time
from collections.abc import Iterator

from audits.judgement.planner.plan import plan_host
from audits.judgement.words import BackupPath
from simulator import windows
from simulator.windows import Disk, WindowsHost
from tests.bench.number import Number
from tests.planner.planned import judged

FAULTS: tuple[dict[str, object], ...] = (
    {"backup_service": False},
    {"backup_answer": "lost"},
    {"backup_service": False, "generation": 1, "scsi_controllers": 0},
    {"generation": 1, "scsi_controllers": 0},
    {"disks": (Disk(), Disk(number=2))},
    {"state": "paused"},
    {"disks": (Disk(missing="file"),)},
    {"disks": (Disk(unreadable=True),)},
)
TIMES = 15


def measure() -> Iterator[Number]:
    for vms, at_most in ((50, 10), (1024, 300)):
        judgement = judged(_host(vms), BackupPath.UNKNOWN)
        times = []
        for _ in range(TIMES):
            begun = time.process_time()
            plan = plan_host(judgement)
            times.append((time.process_time() - begun) * 1000)
        how = f"{len(plan.suggestions)} suggestions, CPU time, median of {TIMES}, backup path unknown, writer failed"
        yield Number(f"plan of a host with {vms} VMs", statistics.median(times), "ms", at_most=at_most, how=how)


def _host(vms: int) -> WindowsHost:
    machines = [windows.vm(f"VM{n}", **(FAULTS[n // 2 % len(FAULTS)] if n % 2 else {})) for n in range(vms)]
    return windows.host("bench.example", vms=machines, hyper_v_writer=8)
