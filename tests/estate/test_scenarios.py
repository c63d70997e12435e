"""The scenarios: in the shapes of the evidence types, complete, and in agreement with what the product concludes."""

from collections.abc import Iterable
from pathlib import Path

import jsonschema
import pytest

from audits.judgement.outcomes import CAUSES, Outcome
from audits.judgement.rules import RULES
from audits.judgement.words import BackupPath, Section, VerdictWord, WindowsBuild
from simulator import estates, windows
from simulator.blocks import in_block
from simulator.estates.scenario import Host, read_customer
from tests.estate.differences import differences
from tests.estate.pure_audit import audit
from tests.estate.schemas import schema_of
from tests.estate.told import NOW

VALIDATORS = {section: jsonschema.Draft202012Validator(schema_of(section)) for section in Section}
# Rules that no scenario can fail, and why.
NEVER_FAILS = {
    "VOL-SMB": "the host alone can neither prove nor disprove it",
    "G-SCOPE": "about hosts of 2008 R2, which no scenario is",
    "G-LINUX": "PowerShell Direct asks Windows guests only",
}
CAN_FAIL = set(RULES) - set(NEVER_FAILS)
DEMO = estates.read_estate("demo")

# What no host can produce has a test of its own beside the code that decides it (issue 2).
NOT_FROM_A_HOST = {
    "address_not_allowed",
    "circuit_open",
    "credential_missing",
    "credential_detached",
    "configuration",
    "worker_lost",
    "cancelled_by_user",
}


def all_hosts() -> list[Host]:
    return [host for name in estates.names() for host in estates.read_estate(name).hosts]


def intended_verdicts(hosts: Iterable[Host]) -> set[str]:
    return {verdict.verdict for host in hosts for verdict in host.intended.vms.values()}


@pytest.mark.parametrize("host", all_hosts(), ids=lambda host: host.name)
def test_every_section_has_the_shape_of_its_evidence_type(host: Host) -> None:
    for section in Section:
        VALIDATORS[section].validate(windows.envelope(host.windows, section, now=NOW))


@pytest.mark.parametrize("name", estates.names())
def test_the_product_concludes_what_the_scenarios_intend(name: str) -> None:
    assert differences(audit(name), name) == []


@pytest.mark.parametrize("name", estates.names())
def test_every_host_can_be_served(name: str) -> None:
    served = {host.name for host in estates.read_estate(name).hosts if host.served}
    assert {definition.name for definition in estates.load(name)} == served


def test_every_verdict_is_shown_by_a_scenario_of_the_demo() -> None:
    assert intended_verdicts(DEMO.hosts) == set(VerdictWord)


def test_every_rule_fails_in_some_scenario() -> None:
    failing = {rule for host in all_hosts() for rule in host.intended.failing or ()}
    assert failing == CAN_FAIL


def test_every_rule_fails_alone_in_some_scenario_save_for_the_witness_beside_it() -> None:
    alone = {
        rule
        for host in all_hosts()
        for rule in host.intended.failing or ()
        if set(host.intended.failing or ()) <= {rule, "HOST-CAPTION"}
    }
    assert alone == CAN_FAIL


def test_every_cause_that_a_host_can_produce_is_shown_by_a_scenario() -> None:
    producible = {(str(cause.outcome), cause.code) for cause in CAUSES if cause.code not in NOT_FROM_A_HOST}
    shown = {(host.intended.outcome, host.intended.cause) for host in all_hosts() if host.intended.cause}
    assert shown == producible


def test_every_exempted_cause_still_exists() -> None:
    assert {cause.code for cause in CAUSES} >= NOT_FROM_A_HOST


def test_the_demo_has_the_customers_hosts_and_vms_that_a_newcomer_is_promised() -> None:
    answering = [host for host in DEMO.hosts if host.intended.vms]
    assert len(DEMO.customers) >= 5
    assert len(DEMO.hosts) >= 16
    assert sum(len(host.windows.vms) for host in answering) >= 150


def test_the_demo_answers_in_every_windows_version() -> None:
    answering = {host.windows.build for host in DEMO.hosts if host.intended.vms}
    assert answering == {build for build in WindowsBuild if build >= WindowsBuild.SERVER_2012}


def test_the_demo_has_a_cluster_of_two_nodes_with_shared_volumes() -> None:
    clusters = [host.windows.cluster for host in DEMO.hosts if host.windows.cluster]
    assert len(clusters) == 2
    assert len(clusters[0].nodes) == 2
    assert clusters[0] == clusters[1]
    assert clusters[0].shared_volumes


def test_the_demo_takes_every_backup_path() -> None:
    paths = {host.backup_path or customer.backup_path for customer in DEMO.customers for host in customer.hosts}
    assert paths == set(BackupPath)


def test_the_demo_ends_in_every_way_but_cancelled() -> None:
    assert {host.intended.outcome for host in DEMO.hosts} == set(Outcome) - {Outcome.CANCELLED}


@pytest.mark.parametrize("fault", ["down", "reject_credential", "certificate_changed", "break_off"])
def test_the_demo_has_the_troubled_hosts_that_a_newcomer_is_promised(fault: str) -> None:
    assert [host for host in DEMO.hosts if fault in {each.name() for each in host.faults}]


def test_the_demo_has_a_german_host() -> None:
    assert [host.windows.language for host in DEMO.hosts].count("de-DE") == 1


def test_the_demo_answers_at_the_pace_of_real_hosts() -> None:
    *usual, slowest = sorted(host.windows.seconds for host in DEMO.hosts if host.windows.seconds)
    assert slowest == 60
    assert all(2 <= seconds <= 20 for seconds in usual)


def test_two_instances_find_their_hosts_at_different_addresses() -> None:
    one, other = ({host.address for host in in_block(estates.load("demo"), block)} for block in (1, 2))
    assert len(one) == len(other) == len(DEMO.hosts)
    assert not one & other


def test_an_unknown_estate_is_answered_with_those_there_are() -> None:
    with pytest.raises(LookupError, match="no estate is called 'dmeo'; there are: causes, demo, rights, rules"):
        estates.load("dmeo")


def test_a_word_that_no_vm_has_is_named_with_its_file_and_host(tmp_path: Path) -> None:
    path = tmp_path / "typo.toml"
    path.write_text(
        """
        [customer]
        name = "C"
        networks = []
        backup_path = "vss"
        credential = { name = "", username = "", password = "" }
        [[host]]
        name = "hv01"
        address = "127.0.0.1"
        expect = { outcome = "succeeded" }
        vm = [{ name = "SQL01", backup_servcie = false }]
        """,
        encoding="utf-8",
    )
    with pytest.raises(estates.ScenarioError, match=r"typo.toml: host 'hv01': .*backup_servcie"):
        read_customer(path)
