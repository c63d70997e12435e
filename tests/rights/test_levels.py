"""Each rights level over real WinRM: the audit succeeds, and exactly the rules of the published table stay unknown."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from audits.collect.ending import EXPECTED_SECTIONS, SUCCEEDED
from audits.collect.host import Collected, collect_host
from audits.collect.rights import LEVELS
from audits.collect.rights_docs import table
from audits.collect.winrm import ProbeRequest, Secret
from audits.collect.winrm.target import DEFAULT_ENDPOINT, JEA_FUNCTION
from audits.judgement.judge import judge
from audits.judgement.outcomes import Outcome
from audits.judgement.rules import RULES
from audits.judgement.words import BackupPath, ResultWord, Section
from fleet.models import RightsLevel
from simulator import windows
from simulator.fleet import SimulatedFleet
from simulator.hosts import HostDefinition
from simulator.windows import HostSections, SharedVolume, WindowsHost
from simulator.windows_engine import PROBE_FUNCTION, WindowsEngine
from tests.collect.simulated import LOOPBACK, PASSWORD, REQUEST, WATCHDOG, host, target_of

# What the account of each level is on the host. The virtual account of a JEA endpoint is an administrator.
RIGHTS = {"administrator": "administrator", "jea": "administrator", "hyper_v": "hyper_v"}
HOMES = ("alone", "cluster")


ALL = [(level, home) for level in LEVELS for home in HOMES]


def described(level: str, home: str) -> WindowsHost:
    """A healthy host at this level: alone, or as a node of a cluster whose VM lies on a shared volume."""
    rights = RIGHTS[level]
    if home == "alone":
        return windows.host(f"{level}-{home}", rights=rights, vms=[windows.vm("SQL01")])
    root = r"C:\ClusterStorage\Volume1"
    nodes = [
        windows.host(f"{level}-{home}", rights=rights, vm_root=root, vms=[windows.vm("SQL01")]),
        windows.host(f"{level}-other", rights=rights, vm_root=root),
    ]
    shared = SharedVolume(name="CSV1", path=root, owner=nodes[0].name)
    return windows.join("HVC1", nodes, [shared])[0]


def definition(level: str, home: str) -> HostDefinition:
    said = described(level, home)
    endpoints = {"FleetAudit": (PROBE_FUNCTION,)} if level == "jea" else {}
    return dataclasses.replace(host(said.name, engine=WindowsEngine(HostSections(said))), jea_endpoints=endpoints)


@pytest.fixture(scope="module")
def fleet() -> Iterator[SimulatedFleet]:
    with SimulatedFleet([definition(level, home) for level, home in ALL]) as fleet:
        yield fleet


def audited(fleet: SimulatedFleet, name: str, level: str, *, endpoint: str = "", function: str = "") -> Collected:
    target = target_of(fleet, name, endpoint_name=endpoint or DEFAULT_ENDPOINT)
    request = ProbeRequest(REQUEST.script, function=function)
    return collect_host(
        target,
        Secret(PASSWORD),
        request,
        guard=LOOPBACK.check,
        watchdog=WATCHDOG,
        expected=EXPECTED_SECTIONS[level],
    )


def at(fleet: SimulatedFleet, level: str, home: str) -> Collected:
    """The host of this level, asked as the product asks at this level."""
    is_jea = level == "jea"
    return audited(
        fleet,
        f"{level}-{home}",
        level,
        endpoint="FleetAudit" if is_jea else "",
        function=JEA_FUNCTION if is_jea else "",
    )


def unknown_rules(collected: Collected) -> set[str]:
    results = judge(collected.evidence, BackupPath.VSS).results
    return {result.rule for result in results if result.result is ResultWord.UNKNOWN}


def test_every_level_that_can_be_declared_is_in_the_table() -> None:
    assert set(LEVELS) == set(RightsLevel.values)
    assert {level.word: level.title for level in LEVELS.values()} == dict(RightsLevel.choices)


def test_the_table_names_rules_that_exist_and_read_the_lost_section() -> None:
    for level in LEVELS.values():
        for loss in level.losses:
            assert loss.unknown_rules, (level.word, loss.section)
            assert all(loss.section in RULES[rule].needs for rule in loss.unknown_rules)
            assert loss.in_cluster <= set(loss.unknown_rules)
            assert bool(loss.fields) == bool(loss.rules)


@pytest.mark.parametrize(("level", "home"), ALL)
def test_the_audit_succeeds_and_exactly_the_rules_of_the_table_are_unknown(
    fleet: SimulatedFleet, level: str, home: str
) -> None:
    collected = at(fleet, level, home)
    assert collected.ending == SUCCEEDED
    as_administrator = unknown_rules(at(fleet, "administrator", home))
    table = LEVELS[level].unknown_rules(clustered=home == "cluster")
    assert unknown_rules(collected) - as_administrator == table


@pytest.mark.parametrize("home", HOMES)
def test_without_the_declaration_the_same_rights_make_it_partial(fleet: SimulatedFleet, home: str) -> None:
    collected = audited(fleet, f"hyper_v-{home}", "administrator")
    assert (collected.ending.outcome, collected.ending.code) == (Outcome.PARTIAL, "rights_missing")


def test_a_script_is_refused_by_an_endpoint_without_a_language(fleet: SimulatedFleet) -> None:
    collected = audited(fleet, "jea-alone", "jea", endpoint="FleetAudit")
    assert (collected.ending.outcome, collected.ending.code) == (Outcome.FAILED, "probe_failed")
    assert "ScriptsNotAllowed" in collected.ending.detail


def test_a_function_that_the_endpoint_does_not_show_is_not_found(fleet: SimulatedFleet) -> None:
    collected = audited(fleet, "jea-alone", "jea", endpoint="FleetAudit", function="Get-Process")
    assert (collected.ending.outcome, collected.ending.code) == (Outcome.FAILED, "probe_failed")
    assert "CommandNotFoundException" in collected.ending.detail


def test_an_endpoint_that_is_not_registered_is_named_as_missing(fleet: SimulatedFleet) -> None:
    collected = audited(fleet, "hyper_v-alone", "jea", endpoint="FleetAudit", function=JEA_FUNCTION)
    assert (collected.ending.outcome, collected.ending.code) == (Outcome.DENIED, "endpoint_missing")


def test_the_endpoints_name_is_found_whatever_its_case(fleet: SimulatedFleet) -> None:
    assert audited(fleet, "jea-alone", "jea", endpoint="FLEETAUDIT", function=JEA_FUNCTION).ending == SUCCEEDED


def test_a_module_of_another_version_is_understood_while_its_schema_is(fleet: SimulatedFleet) -> None:
    said = described("jea", "alone")
    engine = WindowsEngine(HostSections(said, probe_version="0.9.0"))
    older = dataclasses.replace(host("older", engine=engine), jea_endpoints={"FleetAudit": (PROBE_FUNCTION,)})
    with SimulatedFleet([older]) as own:
        collected = audited(own, "older", "jea", endpoint="FleetAudit", function=JEA_FUNCTION)
    assert collected.ending == SUCCEEDED
    assert {section.probe_version for section in collected.sections} == {"0.9.0"}


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_reads_what_no_vm_can_be_judged_without(level: str) -> None:
    assert {Section.IDENTITY, Section.VMS} <= LEVELS[level].expected


def test_the_published_page_holds_todays_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rights.md").read_text(encoding="utf-8")
    published = page.split("<!-- table -->\n")[1].split("<!-- end of table -->")[0]
    assert published == table(), "python -m audits.collect.rights_docs writes the table of docs/rights.md"
