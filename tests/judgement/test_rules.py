"""Every rule says what its scenarios expect, and every rule has all four kinds of scenario."""

import pytest

from audits.judgement.catalogue import CATALOGUE
from audits.judgement.fixes import FIXES
from audits.judgement.judge import judge
from audits.judgement.result import Result
from audits.judgement.rules import RULES
from audits.judgement.words import ResultWord, Scope
from tests.judgement.host_scenarios import HOST_SCENARIOS
from tests.judgement.hosts import VM_ID, healthy_host
from tests.judgement.proof_scenarios import PROOF_SCENARIOS
from tests.judgement.scenarios import Scenario
from tests.judgement.vm_scenarios import VM_SCENARIOS

SCENARIOS = VM_SCENARIOS + HOST_SCENARIOS + PROOF_SCENARIOS
FOUR = (ResultWord.PASS, ResultWord.FAIL, ResultWord.NOT_APPLICABLE, ResultWord.UNKNOWN)
EVERYWHERE = "applies to every host and every subject"
NEVER_GREEN = "a witness of the past: silence proves nothing about the next backup"
EXEMPT = {
    ("VM-BUSY", ResultWord.NOT_APPLICABLE): EVERYWHERE,
    ("VM-STORAGE", ResultWord.NOT_APPLICABLE): EVERYWHERE,
    ("HOST-VMMS", ResultWord.NOT_APPLICABLE): EVERYWHERE,
    ("HOST-RAM", ResultWord.NOT_APPLICABLE): EVERYWHERE,
    ("HOST-SKU", ResultWord.NOT_APPLICABLE): EVERYWHERE,
    ("HOST-VSSERR", ResultWord.NOT_APPLICABLE): EVERYWHERE,
    ("PROOF-SAVED", ResultWord.NOT_APPLICABLE): EVERYWHERE,
    ("PROOF-SAVED", ResultWord.PASS): NEVER_GREEN,
}
# The rules of the first issue: exactly those whose evidence the probes read.
EXPECTED_RULES = {
    *("VM-RUN", "VM-ISBACKUP", "VM-ISSTATE", "VM-SNAPLOC", "VM-SCSI", "VM-PASSTHRU", "VM-SHARED", "VM-CHAIN"),
    *("VM-LEFTOVER", "VM-BUSY", "VM-CKPT", "VM-VERSION", "VM-VHDFMT", "VM-STORAGE", "VM-CLUSTER", "VM-GUESTOS"),
    *("VOL-FS", "VOL-SHADOW", "VOL-FREE", "VOL-CSV"),
    *("HOST-VMMS", "HOST-SVC", "HOST-WRITER", "HOST-CAPTION", "HOST-RAM", "HOST-SKU", "HOST-MIXED", "HOST-VSSERR"),
    "PROOF-SAVED",
}


def _result_of(scenario: Scenario) -> Result:
    judgement = judge(scenario.host)
    assert judgement.crashes == []
    subject = scenario.subject or (VM_ID if RULES[scenario.rule].scope is Scope.VM else "host")
    [result] = [r for r in judgement.results if r.rule == scenario.rule and r.subject_id == subject]
    return result


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: f"{s.rule}: {s.name}")
def test_rule_says_what_the_scenario_expects(scenario: Scenario) -> None:
    result = _result_of(scenario)

    assert result.result is scenario.expected
    told = result.measured if result.result is ResultWord.FAIL else result.reason
    assert scenario.says in (told or "")
    if scenario.severity is not None:
        assert result.severity is scenario.severity


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: f"{s.rule}: {s.name}")
def test_a_failure_states_its_value_and_an_unknown_its_reason(scenario: Scenario) -> None:
    for result in judge(scenario.host).results:
        if result.result is ResultWord.FAIL:
            assert result.measured
            assert result.fix == RULES[result.rule].fix
        if result.result is ResultWord.UNKNOWN:
            assert result.reason
            assert result.fix is None


@pytest.mark.parametrize("rule_id", RULES)
@pytest.mark.parametrize("word", FOUR)
def test_every_rule_has_its_four_scenarios_or_a_reason_why_not(rule_id: str, word: ResultWord) -> None:
    is_shown = any(scenario.rule == rule_id and scenario.expected is word for scenario in SCENARIOS)
    is_exempt = (rule_id, word) in EXEMPT

    assert is_shown or is_exempt, f"{rule_id} has no scenario for {word}"
    assert not (is_shown and is_exempt), f"the exemption of {rule_id} for {word} is stale"


def test_exactly_the_rules_of_the_first_issue_are_built() -> None:
    assert set(RULES) == EXPECTED_RULES


def test_rules_come_in_the_order_of_the_catalogue() -> None:
    assert list(RULES) == [rule_id for rule_id in CATALOGUE if rule_id in RULES]


@pytest.mark.parametrize("rule_id", RULES)
def test_every_rule_says_why_from_which_source_and_how_to_fix_it(rule_id: str) -> None:
    rule = RULES[rule_id]

    assert len(rule.why) > 100
    assert rule.sources
    assert rule.needs
    assert rule.fix is None or rule.fix in FIXES


def test_a_healthy_host_has_no_finding_but_that_the_past_proves_nothing() -> None:
    words = {result.result for result in judge(healthy_host()).results if result.rule != "PROOF-SAVED"}

    assert words == {ResultWord.PASS, ResultWord.NOT_APPLICABLE}
