"""A fleet of one https host, which most tests need."""

from collections.abc import Iterator

import pytest

from simulator.fleet import SimulatedFleet
from tests.simulator.clients import host


@pytest.fixture
def fleet() -> Iterator[SimulatedFleet]:
    with SimulatedFleet([host()]) as running:
        yield running
