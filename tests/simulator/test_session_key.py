"""The key exchange, checked with a client that nobody here wrote: pypsrp seals, the simulated host opens."""

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pypsrp.complex_objects import ObjectMeta, PSCredential
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool

from simulator.engine import Output, Pipeline, Record, Session
from simulator.fleet import SimulatedFleet
from tests.simulator.clients import host, opened, wsman

SECRET = "Geheim! & <Ümläut> 𝕊"


class Remembers:
    """An engine that keeps what was bound to the commands it was given."""

    def __init__(self) -> None:
        self.given: dict[str, object] = {}

    async def run(self, pipeline: Pipeline, session: Session) -> AsyncIterator[Record]:
        self.given = dict(pipeline.commands[0].parameters)
        yield Output("done")


ENGINE = Remembers()
credential: Any = PSCredential  # pypsrp has no types here


@pytest.fixture(scope="module")
def fleet() -> Iterator[SimulatedFleet]:
    with SimulatedFleet([host("HV01", engine=ENGINE)]) as running:
        yield running


@pytest.fixture
def pool(fleet: SimulatedFleet) -> Iterator[RunspacePool]:
    fleet.reset("HV01")
    with opened(wsman(fleet)) as pool:
        yield pool


def run(pool: RunspacePool, **parameters: object) -> dict[str, object]:
    shell = PowerShell(pool)
    shell.add_script("param($Credential)")
    for name, value in parameters.items():
        shell.add_parameter(name, value)
    assert shell.invoke() == ["done"]
    return ENGINE.given


def test_a_credential_arrives_as_it_was_given(pool: RunspacePool) -> None:
    pool.exchange_keys()
    given = run(pool, Credential=credential(username="DOMAIN\\user", password=SECRET))
    assert given == {"Credential": {"UserName": "DOMAIN\\user", "Password": SECRET}}


def test_a_list_of_credentials_arrives_in_its_order(pool: RunspacePool) -> None:
    pool.exchange_keys()
    given = run(pool, Credential=[credential(username=name, password=name * 9) for name in ("a", "b")])
    assert given == {"Credential": [{"UserName": name, "Password": name * 9} for name in ("a", "b")]}


def test_a_secure_string_arrives_as_it_was_given(pool: RunspacePool) -> None:
    pool.exchange_keys()
    assert run(pool, Password=pool.serialize(SECRET, ObjectMeta("SS"))) == {"Password": SECRET}


def test_the_exchange_costs_two_requests_and_serves_every_pipeline_of_the_pool(
    pool: RunspacePool, fleet: SimulatedFleet
) -> None:
    before = fleet.report("HV01")["requests"]
    pool.exchange_keys()
    assert fleet.report("HV01")["requests"] == before + 2
    for _ in range(2):
        run(pool, Credential=credential(username="u", password=SECRET))
    assert fleet.report("HV01")["key_exchanges"] == 1


def test_a_sealed_secret_before_any_exchange_is_refused_as_it_cannot_be_opened(pool: RunspacePool) -> None:
    sealed = ET.Element("SS")
    sealed.text = "AAAA"
    with pytest.raises(WSManFaultError):
        run(pool, Password=sealed)
