"""`report findings --all` of 500,000 rows: time, and how much memory it takes beyond a report without rows."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.bench import database, fleet_data
from tests.bench.number import Number
from tests.bench.pages import HOSTS, RULES, VMS


def measure() -> Iterator[Number]:
    database.empty()
    _, baseline_mebibytes, _ = _report()
    fleet_data.fill(HOSTS, VMS, RULES)
    database.analyse()
    seconds, mebibytes, lines = _report()
    how = f"{lines - 1} rows, whole process"
    yield Number("report findings --all", seconds, "s", how=how)
    yield Number("report findings --all, extra memory", mebibytes - baseline_mebibytes, "MiB", at_most=50, how=how)


def _report() -> tuple[float, float, int]:
    """Seconds, peak resident MiB and lines of one run of the command in its own process."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "django", "report", "findings", "--all"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    lines = 0
    while block := process.stdout.read(1 << 20):
        lines += block.count(b"\n")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"report ended with {process.returncode}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1024, lines
