"""Every check that can fail has a fix for each Windows version it applies to, and each fix is whole and true."""

import re
from pathlib import Path

import pytest

from audits.judgement.fix_docs import document
from audits.judgement.fixes import EXCLUDE, FIXES, Case, FixText, Shell, Where, fix_of, write
from audits.judgement.fixes.generic import VERSIONS, GenericText
from audits.judgement.powershell import is_visible
from audits.judgement.rule import Rule
from audits.judgement.rules import RULES
from tests.judgement.cmdlets import CMDLETS, COMMON_PARAMETERS, LATER_PARAMETERS, PROGRAMS
from tests.judgement.written_fixes import BUILD_OF, FIXABLE, every_text, scripts, texts_of
from tests.probes.syntax import Call, calls, parse

DOCS = Path(__file__).parents[2] / "docs"
# By the domain's table these have no way out of their own: they tell what other checks explain.
WITHOUT_A_FIX = {"HOST-CAPTION", "HOST-SKU", "VM-STOPACT", "PROOF-SAVED"}


def test_fixes_are_numbered_without_a_gap() -> None:
    assert list(FIXES) == [f"F{number}" for number in range(1, 24)]


def test_every_check_has_a_fix_but_those_that_only_tell() -> None:
    assert set(RULES) - set(FIXABLE) == WITHOUT_A_FIX & set(RULES)


def test_every_fix_is_some_checks_fix() -> None:
    used = {fix.id for rule in FIXABLE.values() if (fix := fix_of(rule.id, rule.fix))}
    assert used - {"start"} == set(FIXES)


@pytest.mark.parametrize("fix", [*FIXES.values(), EXCLUDE], ids=lambda fix: fix.id)
def test_a_fix_says_why_it_helps_in_one_sentence_and_what_to_mind(fix: object) -> None:
    assert isinstance(fix, type(EXCLUDE))
    assert fix.title and fix.caveat and fix.effort_minutes > 0
    assert fix.why.endswith(".") and fix.why.count(". ") == 0


@pytest.mark.parametrize("rule", FIXABLE.values(), ids=lambda rule: rule.id)
def test_a_check_has_a_variant_for_each_class_of_host_it_applies_to(rule: Rule) -> None:
    fix = fix_of(rule.id, rule.fix)
    assert fix is not None
    covered = {host_class for each in fix.variants if rule.id in each.rules for host_class in each.classes}
    assert rule.applies_to <= covered
    for build, host_class, _ in VERSIONS:
        if host_class in rule.applies_to:
            assert write(fix, Case(rule=rule.id, build=build)) is not None


@pytest.mark.parametrize("text", every_text(), ids=lambda text: f"{text.fix.id} {text.variant}")
def test_a_text_is_whole(text: FixText) -> None:
    recipe = text.recipe
    assert recipe.by_hand
    assert text.commands or text.no_commands
    assert recipe.done_when and recipe.way_back
    assert text.fix.needs_downtime or not recipe.vm_off
    words = [text.commands, text.verify, text.undo, recipe.done_already, *recipe.by_hand, *recipe.caveats]
    assert not [word for word in words if re.search(r"\{[a-z_]+\}", word)]


@pytest.mark.parametrize("text", every_text(), ids=lambda text: f"{text.fix.id} {text.variant}")
def test_commands_are_powershell_without_an_invisible_character(text: FixText) -> None:
    for commands in (text.commands, text.verify, text.undo):
        if commands and _is_powershell(text, commands):
            assert not parse(commands + "\n").has_error, commands
        assert all(is_visible(character) or character == "\n" for character in commands)


def _is_powershell(text: FixText, commands: str) -> bool:
    is_linux = text.recipe.shell is Shell.LINUX
    return not is_linux or (commands == text.verify and text.verify_where is Where.HOST)


def _calls(text: FixText) -> list[Call]:
    pieces = [text.commands, text.verify, text.undo, text.recipe.done_already]
    return [call for piece in pieces if _is_powershell(text, piece) for call in calls(parse(piece + "\n"))]


@pytest.mark.parametrize("text", every_text(), ids=lambda text: f"{text.fix.id} {text.variant}")
def test_every_cmdlet_exists_with_the_parameters_given(text: FixText) -> None:
    for call in _calls(text):
        name = call.name.lower()
        if name not in PROGRAMS:
            assert name in CMDLETS, name
            assert set(call.parameters) <= CMDLETS[name][0] | COMMON_PARAMETERS, call


@pytest.mark.parametrize(
    "generic",
    [generic for rule in FIXABLE.values() for generic in texts_of(rule)],
    ids=lambda generic: f"{generic.text.fix.id} {generic.title}",
)
def test_a_host_is_asked_for_nothing_that_its_windows_lacks(generic: GenericText) -> None:
    oldest = min(BUILD_OF[name] for name in generic.windows)
    for call in _calls(generic.text):
        name = call.name.lower()
        if generic.text.where is Where.HOST and name in CMDLETS:
            needed = max([CMDLETS[name][1], *(LATER_PARAMETERS.get((name, each), 0) for each in call.parameters)])
            assert needed <= oldest, call


def test_no_cmdlet_is_listed_that_no_fix_calls() -> None:
    called = {call.name.lower() for text in every_text() for call in _calls(text)}
    called |= {call.name.lower() for script in scripts().values() for call in calls(parse(script.text))}
    assert set(CMDLETS) - called == set(), "a stale line of the list"


@pytest.mark.parametrize("text", every_text(), ids=lambda text: f"{text.fix.id} {text.variant}")
def test_verifying_only_reads(text: FixText) -> None:
    if not _is_powershell(text, text.verify):
        return
    for call in calls(parse(text.verify + "\n")):
        name = call.name.lower()
        reads = name.startswith(("get-", "test-", "select-", "where-", "foreach-"))
        assert reads or (name == "vssadmin.exe" and call.positional[0] == "list"), call


def test_the_page_of_fixes_is_as_new_as_the_fixes() -> None:
    written = (DOCS / "fixes.md").read_text(encoding="utf-8")

    assert written == document(), "write it anew: python -m audits.judgement.fix_docs > docs/fixes.md"


def test_a_console_never_goes_on_with_the_vm_of_an_earlier_fix() -> None:
    """Get-VM refuses an empty id before it answers, so that an assignment from it leaves $vm as it was."""
    fetching = "$vm = Get-VM -Id $VMId"
    generic = [text.commands for text in every_text() if fetching in text.commands]
    assert generic
    for commands in generic:
        lines = commands.split("\n")
        assert lines[lines.index(fetching) - 1] == "$vm = $null"


@pytest.mark.parametrize(
    "text", [text for text in every_text() if text.commands and text.recipe.choose], ids=lambda text: text.fix.id
)
def test_nothing_changes_until_every_choice_is_filled_in(text: FixText) -> None:
    outside = [line for line in text.commands.split("\n") if not line.startswith(" ")]
    choices = [f"${choice.name}" for choice in text.recipe.choose]
    assert f"if ({' -and '.join(choices)}) {{" in outside
    assert [line for line in outside if " = ''   # between the quotes: " in line and line.split()[0] in choices]
    names = {call.name.lower() for line in outside for call in calls(parse(line + "\n"))}
    assert all(name.startswith(("get-", "select-", "where-", "foreach-", "sort-")) for name in names), names


@pytest.mark.parametrize(
    "text", [text for text in every_text() if text.commands and text.recipe.vm_off], ids=lambda text: text.fix.id
)
def test_a_vm_that_has_to_be_off_is_shut_down_first_and_started_last(text: FixText) -> None:
    names = [call.name for call in calls(parse(text.commands + "\n"))]
    called = [name for name in names if not name.startswith(("Get-", "Select-", "Where-"))]
    assert called[0] == "Stop-VM"
    assert called[-1] in ("Start-VM", "Start-ClusterGroup")
