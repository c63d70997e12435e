"""The comparison of a scenario with an audit notices every kind of difference."""

from typing import Any

import pytest

from simulator import estates
from tests.estate.differences import differences
from tests.estate.pure_audit import audit

RULE_HOST = "vm-isbackup.rules.example"


@pytest.fixture
def told() -> dict[str, Any]:
    return audit("rules")


def host_of(told: dict[str, Any]) -> dict[str, Any]:
    host: dict[str, Any] = next(host for host in told["hosts"] if host["host"] == RULE_HOST)
    return host


def test_another_outcome_is_a_difference(told: dict[str, Any]) -> None:
    host_of(told).update(outcome="partial", cause="section_failed")
    assert differences(told, "rules") == [f"{RULE_HOST}: ended partial/section_failed, intended succeeded"]


@pytest.mark.parametrize(
    ("word", "value"), [("verdict", "live"), ("confidence", "high"), ("causes", []), ("causes", ["VM-RUN"])]
)
def test_another_conclusion_is_a_difference(told: dict[str, Any], word: str, value: object) -> None:
    row = host_of(told)["vms"][0]
    was, row[word] = row[word], value
    assert differences(told, "rules") == [f"{RULE_HOST}: VM 'not-offered': {word} is {value!r}, intended {was!r}"]


def test_a_missing_vm_and_an_unexpected_one_are_differences(told: dict[str, Any]) -> None:
    rows = host_of(told)["vms"]
    gone = rows[0]["vm_id"]
    rows[0] = rows[0] | {"vm_id": "another", "vm": "ghost"}
    assert differences(told, "rules") == [
        f"{RULE_HOST}: VM 'ghost' has a verdict that no scenario intends",
        f"{RULE_HOST}: VM {gone} is missing",
    ]


def test_a_rule_that_fails_and_one_that_does_not_are_differences(told: dict[str, Any]) -> None:
    findings = host_of(told)["findings"]
    findings[:] = [finding for finding in findings if finding["rule"] != "VM-ISBACKUP"]
    findings.append({"rule": "VOL-FS", "result": "fail"})
    assert differences(told, "rules") == [
        f"{RULE_HOST}: VOL-FS fails, and is not intended to",
        f"{RULE_HOST}: VM-ISBACKUP is intended to fail, and does not",
    ]


def test_a_host_that_was_not_audited_is_a_difference(told: dict[str, Any]) -> None:
    told["hosts"].remove(host_of(told))
    assert differences(told, "rules") == [f"{RULE_HOST}: not audited"]


def test_every_intended_ending_is_a_pair_of_the_closed_list() -> None:
    for name in estates.names():
        for host, intended in estates.expectations(name).items():
            assert (intended.outcome == "succeeded") == (intended.cause is None), host
