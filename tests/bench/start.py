"""How long a newcomer waits: from a bare checkout to the first page, and the second time."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.bench.number import Number

CHECKOUT = Path(__file__).resolve().parents[2]
# Longer than the goal by far: a miss must show as a number, not as an error.
GIVE_UP_SECONDS = 300


def measure() -> Iterator[Number]:
    with tempfile.TemporaryDirectory() as place:
        clone = Path(place) / "checkout"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", CHECKOUT, clone], check=True)
        yield Number("first page from a bare checkout", _first_page(clone), "s", at_most=60, how="pip's cache as it is")
        yield Number("first page, warm", _first_page(clone), "s", at_most=3)
        shutil.rmtree(clone / "var", ignore_errors=True)


def _first_page(clone: Path) -> float:
    """Seconds from the command to an answered sign-in page; the product is stopped again afterwards."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FLEET_", "DATABASE_"))}
    environment.pop("REDIS_URL", None)
    environment.pop("VIRTUAL_ENV", None)
    begun = time.perf_counter()
    process = subprocess.Popen(
        ["python3", "manage.py", "up"],
        cwd=clone,
        env=environment | {"PATH": os.defpath + os.pathsep + os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "http://" in line:
                url = "http://" + line.split("http://", 1)[1].split()[0]
                with urllib.request.urlopen(url, timeout=GIVE_UP_SECONDS) as page:
                    page.read()
                return time.perf_counter() - begun
        raise RuntimeError(f"up ended with {process.wait()} before it was ready")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
