"""The documents name real checks, and the page of checks is as new as the checks."""

import re
from pathlib import Path

import pytest

from audits.judgement.catalogue import CATALOGUE
from audits.judgement.fixes import FIXES
from audits.judgement.matrix import MATRIX
from audits.judgement.rule_docs import document
from audits.judgement.rule_facts import WINDOWS_IN_WORDS
from audits.judgement.rules import RULES
from audits.judgement.sources import SOURCES
from tests.judgement import told

DOCS = Path(__file__).parents[2] / "docs"
RULE_ID = re.compile(r"\b(?:VM|VOL|HOST|G|PROOF)-[A-Z]+\b")
REQUIREMENTS = (DOCS / "requirements.md").read_text(encoding="utf-8")
ITEMS = {
    "A1": {"VM-ISBACKUP", "VM-ISSTATE", "G-VMICVSS", "G-SVC"},
    "A2": {"VOL-FS", "G-FS"},
    "A3": {"HOST-SVC", "HOST-VMMS", "HOST-WRITER", "G-SVC"},
    "A4": {"VOL-SHADOW", "G-SHADOW"},
    "A5": {"VM-VHDFMT"},
    "A6": {"G-LDM"},
    "A7": {"VOL-FREE", "VM-STORAGE", "G-FREE"},
    "A8": {"HOST-RAM"},
    "M1": {"VM-ISBACKUP", "VM-ISSTATE", "G-VMICVSS"},
    "M2": {"VM-RUN", "VM-CLUSTER"},
    "M3": {"VM-SNAPLOC"},
    "M4": {"G-LDM"},
    "M5": {"G-FS"},
}


def _rows() -> dict[str, list[str]]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in REQUIREMENTS.splitlines()]
    return {row[0]: row for row in rows if re.fullmatch(r"[AM]\d", row[0])}


def test_the_page_of_checks_is_as_new_as_the_checks() -> None:
    written = (DOCS / "rules.md").read_text(encoding="utf-8")

    assert written == document(), "write it anew: python -m audits.judgement.rule_docs > docs/rules.md"


def test_every_source_of_a_check_is_told_and_no_other() -> None:
    assert set(SOURCES) == {source for rule in RULES.values() for source in rule.sources}
    assert all(f"| {key} | {told} |" in document() for key, told in SOURCES.items())


def test_what_the_scenarios_say_is_as_new_as_the_scenarios() -> None:
    assert told.FILE.read_text(encoding="utf-8") == told.text(), "write it anew: python -m tests.judgement.told"


@pytest.mark.parametrize("rule_id", RULES)
def test_the_page_of_checks_shows_all_that_is_known_of_each(rule_id: str) -> None:
    rule = RULES[rule_id]
    page = (DOCS / "rules.md").read_text(encoding="utf-8")
    part = page.partition(f"## {rule_id}: {rule.title}\n")[2].partition("\n## ")[0]

    assert rule.why in part
    assert all(source in part for source in rule.sources)
    assert WINDOWS_IN_WORDS[rule.applies_to] in part
    assert all(f"* Not confirmed: {mark.what}" in part for mark in rule.unconfirmed)
    assert "* Confidence of a failure: " in part
    assert ("* A failure does" in part) == (rule_id in MATRIX)
    assert rule.fix is None or f"* Fix {rule.fix}: " in part
    for scenario in told.SCENARIOS:
        if scenario.rule == rule_id:
            assert f"| {scenario.name.replace('|', '')}" in part


def test_the_articles_eight_items_and_microsofts_five_conditions_are_all_there() -> None:
    assert list(_rows()) == list(ITEMS)


@pytest.mark.parametrize("item", ITEMS)
def test_each_item_names_its_checks_and_todays_truth(item: str) -> None:
    _, _, checks, truth = _rows()[item]

    assert set(RULE_ID.findall(checks)) == ITEMS[item]
    assert len(truth) > 50


@pytest.mark.parametrize("name", ["requirements.md", "matrix.md", "rules.md", "fixes.md"])
def test_every_check_that_a_document_names_exists(name: str) -> None:
    assert set(RULE_ID.findall((DOCS / name).read_text(encoding="utf-8"))) <= set(CATALOGUE)


def test_every_condition_of_microsoft_saves_the_vm_up_to_2012() -> None:
    # VM-RUN's cell is of medium confidence there: it is about a paused VM, the others are high.
    conditions = {rule_id for item, ids in ITEMS.items() if item.startswith("M") for rule_id in ids}

    for rule_id in conditions:
        effects = {cell.effect.value for column, cell in MATRIX[rule_id].items() if column in ("2008 R2", "2012")}
        assert effects == {"S"}, rule_id


def test_every_rule_with_a_fix_names_one_that_exists() -> None:
    assert {rule.fix for rule in RULES.values() if rule.fix} <= set(FIXES)
