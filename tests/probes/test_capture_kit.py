"""The capture kit is as read-only as the probe, hides what it reads, and is the file that its parts make."""

import re
from typing import Any

import pytest

from audits.collect.probes import probe_script
from tests.probes import guard
from tests.probes.allowed import METHODS, OPERATORS, READS
from tests.probes.capture_kit import FOLDER, KIT, kit
from tests.probes.guard import offences
from tests.probes.syntax import below, calls, functions, parse, text

# What the kit may do beside the probe: read a provider's manifest, and an event as XML, whose texts it replaces.
MORE: dict[str, Any] = {
    "READS": READS | {"get-winevent": READS["get-winevent"] | {"listprovider"}},
    "METHODS": METHODS | {"ToXml"},
    "OPERATORS": OPERATORS | {"-cmatch"},
}


@pytest.fixture
def kit_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in MORE.items():
        monkeypatch.setattr(guard, name, value)


def test_the_kit_that_is_shipped_is_made_of_its_parts() -> None:
    assert KIT.read_text(encoding="ascii") == kit(), "run python -m tests.probes.capture_kit"


def test_the_kit_only_reads(kit_rules: None) -> None:
    assert offences(kit()) == []


@pytest.mark.parametrize(
    "line",
    [
        "Set-VM -Name 'a' -ErrorAction Stop",
        "$null = [System.IO.File]::WriteAllText('a', 'b')",
        "Invoke-WebRequest -Uri 'http://x' -ErrorAction Stop",
        "Get-WinEvent -ListProvider 'x' -ComputerName 'other' -ErrorAction Stop",
        "Write-Output -InputObject 'a' > 'C:\\b.txt'",
    ],
)
def test_a_line_that_does_more_would_be_refused(kit_rules: None, line: str) -> None:
    assert offences(f"{kit()}\n{line}\n")


def test_the_probe_itself_gets_nothing_of_the_kits_freedom() -> None:
    assert offences(kit())
    assert "ConvertTo-HiddenXml" not in probe_script()


def test_every_name_that_is_read_out_has_a_branch() -> None:
    """A fact without its branch would be an error in every bundle, and look like missing rights."""
    run = (FOLDER / "run.ps1").read_text(encoding="ascii")
    lists = below(parse(run), "array_expression")
    names = {text(each).strip("'") for each in below(next(iter(lists)), "string_literal")}
    facts = functions(parse((FOLDER / "facts.ps1").read_text(encoding="ascii")))
    branches: set[str] = set()
    for function in ("read-fact", "get-count"):
        body = facts[function].body
        assert body is not None
        branches |= {text(each).strip("'") for each in below(body, "switch_clause_condition")}
    assert names == branches


def test_what_a_fact_returns_is_numbers_times_or_replaced() -> None:
    """Fields that could name somebody go through a replacement; the rest is a number, a time or Microsoft's text."""
    plain = {"int", "long", "time"}
    for name, function in functions(parse((FOLDER / "facts.ps1").read_text(encoding="ascii"))).items():
        if not name.startswith("get-") or name in ("get-windows", "get-manifest", "get-writertext", "get-fact"):
            continue
        assert function.body is not None
        for call in calls(function.body):
            if call.name == "ConvertTo-Plain":
                assert (call.parameters["kind"] or "").strip("'") in plain, f"{name}: {call}"
        for literal in below(function.body, "hash_entry"):
            key, value = (text(each) for each in (literal.named_children[0], literal.named_children[-1]))
            if key in ("vm", "instance", "host", "name"):
                assert "ConvertTo-Hidden" in value, f"{name}: {key}"


def test_a_short_salt_is_refused_before_anything_is_read() -> None:
    run = (FOLDER / "run.ps1").read_text(encoding="ascii")
    assert run.index("$Salt.Length -lt 16") < run.index("Get-Fact")


@pytest.mark.parametrize("number", range(1, 16))
def test_every_open_question_is_named_and_can_be_settled(number: int) -> None:
    for page in ("limits.md", "capture-kit.md"):
        assert re.search(rf"\bQ{number}\b", (FOLDER.parent / page).read_text(encoding="utf-8")), page
