"""A state directory that is thrown away with its servers when the block ends: what `test` and `bench` run on."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from launcher import environment, keeper
from launcher.state import SOCKETS_PARENT, open_state


@contextlib.contextmanager
def temporary_servers() -> Iterator[dict[str, str]]:
    """Start the servers that no variable names elsewhere, and yield the environment in which they are found."""
    directory = Path(tempfile.mkdtemp(prefix="fleet-audit-test-", dir=SOCKETS_PARENT))
    state = open_state(directory)
    try:
        servers = environment.embedded_servers(os.environ)
        membership = keeper.join(state, servers, throwaway=True) if servers else None
        try:
            yield environment.for_processes(state)
        finally:
            if membership is not None:
                membership.give_back()
                keeper.wait_until_stopped(state)
    finally:
        shutil.rmtree(state.sockets, ignore_errors=True)
        shutil.rmtree(directory, ignore_errors=True)
