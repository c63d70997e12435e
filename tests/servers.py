"""A pytest plugin that gives every run its own PostgreSQL and Valkey before Django reads its settings.

It is named in pyproject.toml (`-p tests.servers`), because pytest-django loads the settings before any conftest.py.
Under `manage.py test` the launcher has started the servers already and the variables are set.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from launcher import environment, keeper
from launcher.state import SOCKETS_PARENT, open_state


def _provide_servers() -> None:
    directory = Path(tempfile.mkdtemp(prefix="fleet-audit-test-", dir=SOCKETS_PARENT))
    state = open_state(directory)
    servers = environment.embedded_servers(os.environ)
    membership = keeper.join(state, servers, throwaway=True) if servers else None
    os.environ.update(environment.for_processes(state))
    owner = os.getpid()

    def clear_away() -> None:
        if os.getpid() != owner:
            return  # a forked child of the test run
        if membership is not None:
            membership.give_back()
            keeper.wait_until_stopped(state)
        shutil.rmtree(state.sockets, ignore_errors=True)
        shutil.rmtree(directory, ignore_errors=True)

    atexit.register(clear_away)


def _take_own_broker_database(worker: str) -> None:
    """Let each process of a parallel run have one of Valkey's databases; 0 belongs to a run in one process."""
    url = os.environ["REDIS_URL"]
    if url.endswith("?virtual_host=0"):
        os.environ["REDIS_URL"] = url[:-1] + str(int(worker.removeprefix("gw")) + 1)


if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    _take_own_broker_database(worker)
elif not os.environ.get("FLEET_AUDIT_VAULT_KEY_FILE"):
    _provide_servers()

# A pool's open connections would stand in the way of dropping the test database.
os.environ["FLEET_AUDIT_POOL_SIZE"] = "0"
os.environ["FLEET_AUDIT_ALLOW_LOOPBACK"] = "1"
