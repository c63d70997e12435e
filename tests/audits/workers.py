"""Real Celery workers on the test's own database and broker, to be killed at any moment."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

CHECKOUT = Path(__file__).resolve().parents[2]
# A test that waits longer has failed; a healthy one waits a fraction of it, even on a busy machine.
PATIENCE_SECONDS = 90.0


class Worker:
    """One worker process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def kill(self) -> None:
        """kill -9: nothing is given back, nothing is said."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


@contextmanager
def a_worker(log: Path, *, threads: int = 4) -> Iterator[Worker]:
    """Start a worker with the product's own options; it is killed at the end if the test has not done so."""
    command = [sys.executable, "-m", "celery", "--app=config.celery", "--quiet", "worker", "--pool=threads"]
    options = [f"--concurrency={threads}", "--queues=ondemand,scheduled", "--without-gossip", "--without-mingle"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, *options, "--without-heartbeat", "--loglevel=INFO"],
            cwd=CHECKOUT,
            env=os.environ | {"DATABASE_URL": _url_of_the_test_database(), "FLEET_AUDIT_POOL_SIZE": str(threads + 4)},
            stdout=output,
            stderr=output,
        )
    worker = Worker(process)
    try:
        yield worker
    finally:
        worker.kill()


def _url_of_the_test_database() -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


def wait_until(happened: Callable[[], bool], what: str, log: Path) -> None:
    """Look until it has happened; a test that runs out of patience shows what the workers said."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < until, f"{what} did not happen; the workers said:\n{log.read_text()[-4000:]}"
        time.sleep(0.05)
