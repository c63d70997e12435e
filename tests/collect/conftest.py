"""Two simulated hosts for every test of the transport: HV01 over https, HV02 over http with encrypted messages."""

from collections.abc import Iterator

import pytest

from simulator.fleet import SimulatedFleet
from tests.collect.simulated import host


@pytest.fixture(scope="module")
def _running() -> Iterator[SimulatedFleet]:
    with SimulatedFleet([host("HV01"), host("HV02", scheme="http")]) as fleet:
        yield fleet


@pytest.fixture
def fleet(_running: SimulatedFleet) -> SimulatedFleet:
    """Healthy, with counters at zero."""
    for name in ("HV01", "HV02"):
        _running.reset(name)
    return _running
