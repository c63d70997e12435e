"""A pytest plugin that gives every run its own PostgreSQL and Valkey before Django reads its settings.

It is named in pyproject.toml (`-p tests.servers`), because pytest-django loads the settings before any conftest.py.
Under `manage.py test` the launcher has started the servers already and the variables are set.
"""

import atexit
import os

from launcher.temporary import temporary_servers


def _provide_servers() -> None:
    servers = temporary_servers()
    os.environ.update(servers.__enter__())
    owner = os.getpid()

    def clear_away() -> None:
        if os.getpid() == owner:  # not in a forked child of the test run
            servers.__exit__(None, None, None)

    atexit.register(clear_away)


def _take_own_broker_database(process: str) -> None:
    """Let each process of a parallel run have one of Valkey's databases; 0 belongs to a run in one process."""
    url = os.environ["REDIS_URL"]
    if url.endswith("?virtual_host=0"):
        os.environ["REDIS_URL"] = url[:-1] + str(int(process.removeprefix("gw")) + 1)


if process := os.environ.get("PYTEST_XDIST_WORKER"):
    _take_own_broker_database(process)
elif not os.environ.get("FLEET_AUDIT_VAULT_KEY_FILE"):
    _provide_servers()

# A pool's open connections would stand in the way of dropping the test database.
os.environ["FLEET_AUDIT_POOL_SIZE"] = "0"
os.environ["FLEET_AUDIT_ALLOW_LOOPBACK"] = "1"
