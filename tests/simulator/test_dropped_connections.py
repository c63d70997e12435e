"""The fault that swallows connection attempts, as a firewall does."""

import socket

import pytest

from simulator.faults import DropsConnections
from simulator.fleet import SimulatedFleet
from tests.simulator.clients import host


def connect(fleet: SimulatedFleet) -> None:
    definition = host()
    socket.create_connection((definition.address, fleet.port(definition.name)), timeout=0.5).close()


def test_a_connection_attempt_is_swallowed_and_neither_refused_nor_accepted() -> None:
    with SimulatedFleet([host()]) as fleet:
        fleet.set_faults(host().name, DropsConnections())
        with pytest.raises(TimeoutError):
            connect(fleet)
        fleet.set_faults(host().name)
        connect(fleet)
