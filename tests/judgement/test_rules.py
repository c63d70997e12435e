"""Every check of the catalogue is built, has its four scenarios, and says what they expect, on every class of host."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from audits.judgement.catalogue import CATALOGUE
from audits.judgement.confidence import SURENESS
from audits.judgement.evidence import HostEvidence
from audits.judgement.fixes import FIXES
from audits.judgement.judge import judge
from audits.judgement.matrix import MATRIX, Column, Effect
from audits.judgement.rules import RULES
from audits.judgement.words import Confidence, HostClass, ResultWord
from tests.judgement.hosts import (
    SERVER_2012,
    SERVER_2012_R2,
    SERVER_2022,
    clustered_host,
    healthy_host,
    with_identity,
    with_inside,
)
from tests.judgement.scenarios import Scenario
from tests.judgement.told import SCENARIOS, result_of

FOUR = (ResultWord.PASS, ResultWord.FAIL, ResultWord.NOT_APPLICABLE, ResultWord.UNKNOWN)
EVERYWHERE = "applies to every host and every subject"
ONLY_THE_FILE_SERVER = "the host alone can neither prove nor disprove it"
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
    ("VOL-SMB", ResultWord.PASS): ONLY_THE_FILE_SERVER,
    ("VOL-SMB", ResultWord.FAIL): ONLY_THE_FILE_SERVER,
}
# Checks of the catalogue without a file.
NOT_BUILT: set[str] = set()

# One build of each class. Scenarios are written for 2022 and tried on the others, too.
BUILDS = {HostClass.A: SERVER_2012, HostClass.B: SERVER_2012_R2}
# Where an older class of host gives another answer on purpose.
OTHERWISE = {
    ("VM-SHARED", "VHD set on 2022", HostClass.B): ResultWord.FAIL,
    ("VM-SHARED", "VHD set whose merges were refused", HostClass.B): ResultWord.FAIL,
    ("G-FS", "ReFS since 2012 R2", HostClass.A): ResultWord.UNKNOWN,
    ("VM-GUESTOS", "Linux on 2022", HostClass.A): ResultWord.FAIL,
}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: f"{s.rule}: {s.name}")
def test_rule_says_what_the_scenario_expects(scenario: Scenario) -> None:
    result = result_of(scenario)

    assert result.result is scenario.expected
    told = result.measured if result.result is ResultWord.FAIL else result.reason
    assert scenario.says in (told or "")
    if scenario.severity is not None:
        assert result.severity is scenario.severity


def _on_older_hosts() -> Iterator[tuple[Scenario, HostClass]]:
    for scenario in SCENARIOS:
        identity = scenario.host.identity
        if identity is not None and identity.os_build == SERVER_2022 and identity.product_type != 1:
            for host_class in BUILDS:
                if host_class in RULES[scenario.rule].applies_to:
                    yield scenario, host_class


@pytest.mark.parametrize(
    ("scenario", "host_class"), list(_on_older_hosts()), ids=lambda value: getattr(value, "name", str(value))
)
def test_rule_says_the_same_on_every_class_of_host_it_applies_to(scenario: Scenario, host_class: HostClass) -> None:
    expected = OTHERWISE.get((scenario.rule, scenario.name, host_class), scenario.expected)

    older = replace(scenario, host=with_identity(scenario.host, os_build=BUILDS[host_class]))
    result = result_of(older)

    assert result.result is expected


def test_every_deviation_of_an_older_class_is_tried() -> None:
    tried = {(scenario.rule, scenario.name, host_class) for scenario, host_class in _on_older_hosts()}

    assert set(OTHERWISE) <= tried


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


def test_every_scenario_has_a_name_of_its_own() -> None:
    names = [(scenario.rule, scenario.name) for scenario in SCENARIOS]

    assert sorted(set(names)) == sorted(names)


def test_every_check_of_the_catalogue_is_built() -> None:
    assert set(RULES) == set(CATALOGUE) - NOT_BUILT


def test_rules_come_in_the_order_of_the_catalogue() -> None:
    assert list(RULES) == [rule_id for rule_id in CATALOGUE if rule_id in RULES]


@pytest.mark.parametrize("rule_id", RULES)
def test_every_rule_says_why_from_which_source_and_how_to_fix_it(rule_id: str) -> None:
    rule = RULES[rule_id]

    assert len(rule.why) > 100
    assert rule.sources
    assert rule.needs
    assert rule.fix is None or rule.fix in FIXES


@pytest.mark.parametrize("host", [healthy_host(), with_inside(healthy_host())], ids=["guest not read", "guest read"])
def test_a_healthy_host_has_no_finding_but_that_the_past_proves_nothing(host: HostEvidence) -> None:
    words = {result.result for result in judge(host).results if result.rule != "PROOF-SAVED"}

    assert words == {ResultWord.PASS, ResultWord.NOT_APPLICABLE}


# What is not confirmed


@pytest.mark.parametrize("rule_id", RULES)
def test_every_mark_is_one_sentence_about_hosts_the_rule_applies_to(rule_id: str) -> None:
    for mark in RULES[rule_id].unconfirmed:
        assert mark.what.endswith(".") and ". " not in mark.what
        assert mark.on <= RULES[rule_id].applies_to


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: f"{s.rule}: {s.name}")
def test_what_is_not_confirmed_makes_the_results_that_rest_on_it_less_sure(scenario: Scenario) -> None:
    result, rule = result_of(scenario), RULES[scenario.rule]

    for mark in rule.unconfirmed:
        if mark.is_about(scenario.host.host_class) and result.result in mark.weakens:
            assert SURENESS[result.confidence] <= SURENESS[mark.at_most]


def test_a_result_that_rests_on_nothing_unconfirmed_is_sure() -> None:
    sure = {result.rule for result in judge(clustered_host(SERVER_2012)).results if result.result is ResultWord.PASS}
    about_now = [result for result in judge(healthy_host()).results if result.rule != "PROOF-SAVED"]
    unsure = [result for result in about_now if result.confidence is not Confidence.HIGH]

    assert {"VM-ISBACKUP", "VM-CLUSTER", "HOST-WRITER"} <= sure
    assert unsure == []


CLASS_OF_COLUMN = {
    Column.SERVER_2008_R2: HostClass.A,
    Column.SERVER_2012: HostClass.A,
    Column.SERVER_2012_R2: HostClass.B,
    Column.SINCE_2016_VSS: HostClass.C,
    Column.SINCE_2016_WMI: HostClass.C,
}


@pytest.mark.parametrize("row", MATRIX)
def test_a_cell_without_a_sure_source_has_a_mark_in_its_rules_metadata(row: str) -> None:
    rule = RULES[row.partition("/")[0]]
    for column, cell in MATRIX[row].items():
        host_class = CLASS_OF_COLUMN[column]
        if cell.effect in (Effect.UNSOURCED, Effect.OFFLINE) and host_class in rule.applies_to:
            marks = [mark for mark in rule.unconfirmed if mark.is_about(host_class)]
            assert marks, f"{row} is {cell.effect} on {column}, and {rule.id} does not say what is not confirmed"
            if cell.effect is Effect.OFFLINE or row == rule.id:
                most = (
                    Confidence.MEDIUM if host_class is HostClass.B and cell.effect is Effect.OFFLINE else Confidence.LOW
                )
                assert SURENESS[rule.most_sure(ResultWord.FAIL, host_class)] <= SURENESS[most]


def test_a_mark_names_the_class_it_is_about_and_leaves_the_others_alone() -> None:
    rule = RULES["VM-ISBACKUP"]

    on = {host_class: rule.most_sure(ResultWord.FAIL, host_class) for host_class in rule.applies_to}
    assert on == {HostClass.A: Confidence.HIGH, HostClass.B: Confidence.MEDIUM, HostClass.C: Confidence.LOW}
    assert rule.most_sure(ResultWord.PASS, HostClass.C) is Confidence.HIGH
