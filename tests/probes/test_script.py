"""The assembled script: what the transport sends, and what a host can tell it by."""

import re
from importlib.resources import files

import pytest
from tree_sitter import Node

from audits.collect.probes import PROBE_VERSION, SECTION_ORDER, guest_script, probe_script, probe_sha256
from audits.collect.probes.script import MAX_SCRIPT_BYTES
from audits.judgement.evidence import SCHEMA_VERSION, Envelope, Gap
from audits.judgement.words import Section
from tests.probes.guard import split
from tests.probes.syntax import below, call_of, calls, first, functions, keys_of, line, parse, text, walk

# Set by PowerShell itself.
AUTOMATIC = {"null", "true", "false", "_", "matches", "psversiontable"}

# Read through the scopes of the callers: set by Invoke-Section for the section that it runs.
FROM_THE_RUNNER = {"gaps", "knowngaps", "skip", "sectionwatch"}

# Values that are defaults of the script's own parameters, so that a person can run it by hand.
PARAMETERS = (
    "Sections",
    "EventDays",
    "EventLimit",
    "SectionSeconds",
    "VMEventLimit",
    "WriterSeconds",
    "GuestList",
    "GuestCredentials",
    "GuestSeconds",
)

# What runs on the host and what runs inside a guest: two scripts, neither of which sees a name of the other.
ON_THE_HOST = split(probe_script())[0]
BOTH = pytest.mark.parametrize("script", [ON_THE_HOST, guest_script()], ids=["host", "guest"])


def test_the_first_line_says_what_it_is() -> None:
    assert probe_script().splitlines()[0] == f"# Fleet Audit probe {PROBE_VERSION}"


def test_every_envelope_carries_the_version_of_the_first_line() -> None:
    assert f"$ProbeVersion = '{PROBE_VERSION}'" in probe_script()
    assert f"schema_version = {SCHEMA_VERSION}" in probe_script()


def test_the_script_fits_one_request() -> None:
    assert len(probe_script().encode()) <= MAX_SCRIPT_BYTES


def test_the_script_is_the_same_every_time() -> None:
    assert probe_sha256(probe_script()) == probe_sha256(probe_script())
    assert re.fullmatch("[0-9a-f]{64}", probe_sha256(probe_script()))


def test_every_section_has_a_file_and_the_slowest_are_asked_last() -> None:
    assert set(SECTION_ORDER) == set(Section)
    assert SECTION_ORDER[-2:] == (Section.WRITERS, Section.GUESTS)
    for section in SECTION_ORDER:
        assert files("audits.collect.probes").joinpath(f"{section}.ps1").is_file()


def test_every_file_is_part_of_the_script() -> None:
    for each in files("audits.collect.probes").iterdir():
        if each.name.endswith(".ps1"):
            assert each.read_text(encoding="ascii") in probe_script()


def test_all_sections_are_read_by_default() -> None:
    assert f"$Sections = '{','.join(SECTION_ORDER)}'" in probe_script()


def test_the_script_takes_its_values_as_parameters() -> None:
    block = first(parse(ON_THE_HOST), "param_block")
    assert block is not None
    names = [
        text(next(child for child in each.children if child.type == "variable"))
        for each in below(block, "script_parameter")
    ]
    assert names == [f"${name}" for name in PARAMETERS]


def test_the_envelope_has_the_fields_of_its_type() -> None:
    literals = [set(keys_of(each)) for each in below(parse(ON_THE_HOST), "hash_literal_expression")]
    assert set(Envelope.__struct_fields__) in literals
    assert set(Gap.__struct_fields__) in literals


@BOTH
def test_functions_have_approved_verbs(script: str) -> None:
    approved = {"Add", "Assert", "ConvertFrom", "ConvertTo", "Get", "Group", "Invoke", "Limit", "Read", "Test", "Write"}
    assert {name.name.split("-")[0] for name in functions(parse(script)).values()} <= approved


@BOTH
def test_no_function_is_defined_twice(script: str) -> None:
    names = [text(each) for each in below(parse(script), "function_name")]
    assert len(names) == len({name.lower() for name in names})


@BOTH
def test_every_function_is_used(script: str) -> None:
    root = parse(script)
    assert set(functions(root)) == {call.name.lower() for call in calls(root)} & set(functions(root))


@BOTH
def test_own_functions_get_all_their_parameters(script: str) -> None:
    """PowerShell would go on with null for one that is left out."""
    root = parse(script)
    own = functions(root)
    for call in calls(root):
        if call.name.lower() in own:
            assert set(call.parameters) == own[call.name.lower()].parameters, f"line {call.line}: {call.name}"


@BOTH
def test_every_variable_that_is_read_was_set(script: str) -> None:
    """A misspelt name is null to PowerShell, and null is an answer here."""
    root = parse(script)
    everywhere = {_name(each) for each in below(root, "variable") if _is_set(each) and _function_around(each) is None}
    everywhere |= {name.lower() for name in PARAMETERS} | AUTOMATIC | FROM_THE_RUNNER
    for function in functions(root).values():
        assert function.body is not None
        known = (
            everywhere
            | function.parameters
            | {_name(each) for each in below(function.body, "variable") if _is_set(each)}
        )
        unknown = [
            f"line {line(each)}: {text(each)}" for each in below(function.body, "variable") if _name(each) not in known
        ]
        assert unknown == []


def test_a_guest_has_no_runner_and_sets_what_it_reads_of_it_by_itself() -> None:
    root = parse(guest_script())
    read = {_name(each) for each in below(root, "variable")} & FROM_THE_RUNNER
    its_own = {_name(each) for each in below(root, "variable") if _is_set(each) and _function_around(each) is None}
    assert read and read <= its_own


@BOTH
def test_a_word_in_the_place_of_a_text_is_never_an_expression(script: str) -> None:
    """`-Detail 'a' + $b` would pass 'a', then '+', then $b."""
    for command in below(parse(script), "command"):
        assert call_of(command).positional == ()
        assert not [each for each in walk(command) if each.type == "generic_token" and text(each) in ("+", "-", "*")]


def _name(variable: Node) -> str:
    return text(variable).lstrip("$").lower()


def _is_set(variable: Node) -> bool:
    """Whether this is the left side of an assignment, or the variable of a foreach."""
    node: Node | None = variable
    while node is not None and node.parent is not None:
        parent = node.parent
        if parent.type == "foreach_statement":
            return bool(parent.named_children[0] == node)
        if parent.type == "assignment_expression":
            return bool(parent.named_children[0] == node) and text(node) == text(variable)
        if parent.type in ("pipeline", "command", "statement_block"):
            return False
        node = parent
    return False


def _function_around(node: Node) -> Node | None:
    parent = node.parent
    while parent is not None and parent.type != "function_statement":
        parent = parent.parent
    return parent
