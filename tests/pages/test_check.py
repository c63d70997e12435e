"""The page of a check: everything its metadata knows, and how it is checked."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from audits.judgement.rule_scenarios import told_scenarios
from audits.judgement.rules import RULES
from tests.pages.conftest import Estate


@pytest.mark.parametrize("rule_id", RULES)
def test_a_check_shows_all_that_its_metadata_knows(rule_id: str, owner: Client) -> None:
    rule = RULES[rule_id]

    text = owner.get(reverse("check", args=[rule_id])).content.decode()

    assert all(escape(source) in text for source in rule.sources)
    assert all(escape(mark.what) in text for mark in rule.unconfirmed)
    assert all(escape(scenario.name) in text for scenario in told_scenarios()[rule_id])
    assert "confidence" in text
    assert "{#" not in text


def test_a_check_says_what_a_failure_does_by_windows_version_and_path(owner: Client) -> None:
    text = owner.get(reverse("check", args=["G-FS"])).content.decode()

    assert "called offline by the writer" in text
    assert "2016 and later, Hyper-V WMI" in text
    assert ">ReFS</th>" in text


def test_a_check_without_a_row_stands_beside_the_verdict(owner: Client) -> None:
    assert "It stands beside the verdict" in owner.get(reverse("check", args=["VM-FC"])).content.decode()


def test_a_witness_says_that_the_verdict_reads_it_itself(owner: Client) -> None:
    assert "so that nothing counts twice" in owner.get(reverse("check", args=["HOST-CAPTION"])).content.decode()


def test_a_check_of_guests_that_nobody_was_let_into_says_so_and_is_not_green(owner: Client, estate: Estate) -> None:
    text = owner.get(reverse("check", args=["G-LDM"])).content.decode()

    assert "No guest has been read from inside yet." in text
    assert "Nobody" not in text


def test_a_check_that_only_notes_something_stands_below_those_that_stop_a_backup(owner: Client, estate: Estate) -> None:
    text = owner.get(reverse("checks")).content.decode()

    assert text.index("VM-STOPACT") > text.index("HOST-WRITER")


def test_a_finding_names_what_no_source_confirms(owner: Client, estate: Estate) -> None:
    text = owner.get(estate.pages["finding"]).content.decode()

    [since_2016] = [mark.what for mark in RULES["VM-ISBACKUP"].unconfirmed if mark.what.startswith("Since 2016")]
    [before] = [mark.what for mark in RULES["VM-ISBACKUP"].unconfirmed if mark.what.startswith("On 2012 R2")]
    assert escape(since_2016) in text
    assert escape(before) not in text
