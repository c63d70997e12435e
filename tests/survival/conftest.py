"""One product for all proofs of this directory: it is audited once, and hit three times meanwhile."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.state import SOCKETS_PARENT, open_state
from tests.survival.product import Product, product


@pytest.fixture(scope="session")
def survivor() -> Iterator[Product]:
    """A product whose worker, broker and database were killed with -9 during a run of 200 hosts that then completed."""
    directory = Path(tempfile.mkdtemp(prefix="fleet-audit-test-", dir=SOCKETS_PARENT))
    try:
        with product(directory) as running:
            running.run_id = running.manage("audit").strip()
            running.kill_reading_worker(8, "celery", "worker-1@")
            running.kill_when(30, "valkey-server")
            running.kill_when(50, "postgres", "-D")
            running.wait_for_run()
            yield running
    finally:
        shutil.rmtree(open_state(directory / "state").sockets, ignore_errors=True)
        shutil.rmtree(directory, ignore_errors=True)
