"""State directories that end with their test, whatever the test has left running."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launcher.state import SOCKETS_PARENT, open_state
from tests.launcher.instance import Instance


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory with a short path, which pytest's own is not."""
    path = Path(tempfile.mkdtemp(prefix="fleet-audit-test-", dir=SOCKETS_PARENT))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def new_instance(directory: Path) -> Iterator[Callable[[str], Instance]]:
    """Describe an instance by its name; nothing is started yet."""
    instances: list[Instance] = []

    def describe(name: str = "state") -> Instance:
        instances.append(Instance(directory / name))
        return instances[-1]

    yield describe
    for instance in instances:
        instance.clear_away()
        if instance.state.is_dir():
            shutil.rmtree(open_state(instance.state).sockets, ignore_errors=True)


@pytest.fixture
def instance(new_instance: Callable[[str], Instance]) -> Instance:
    """An instance that was never started."""
    return new_instance("state")
