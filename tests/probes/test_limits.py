"""A section ends within its time: whatever asks the host once for each item looks at the watch between two items."""

import re

from tree_sitter import Node

from audits.collect.probes import probe_script
from tests.probes.allowed import READS
from tests.probes.syntax import below, calls, functions, parse, text
from tests.probes.test_script import ON_THE_HOST

LOOPS = ("foreach_statement", "while_statement", "for_statement")
LOOKS_AT_THE_WATCH = {"test-timeleft", "assert-timeleft"}

# Loops that ask the host and need no watch, each with its reason: the function, and the variable that runs.
EXEMPT = {
    ("add-security", "vm"): "has a shorter limit of its own, as what it reads is only shown",
}


def test_every_loop_that_asks_the_host_looks_at_the_watch() -> None:
    assert {key: line for key, line in unwatched_loops().items() if key not in EXEMPT} == {}


def test_no_exemption_is_stale() -> None:
    assert EXEMPT.keys() <= unwatched_loops().keys()


def unwatched_loops() -> dict[tuple[str, str], str]:
    """By function and running variable, the first line of each loop that asks the host and never looks."""
    root = parse(ON_THE_HOST)
    asking = _functions_that_ask(root)
    looking = LOOKS_AT_THE_WATCH | {
        name for name, each in functions(root).items() if each.body and _called(each.body) & LOOKS_AT_THE_WATCH
    }
    return {
        (name, _runs_over(loop)): text(loop).splitlines()[0]
        for name, function in functions(root).items()
        if function.body is not None
        for loop in below(function.body, *LOOPS)
        if _called(_body(loop)) & asking and not _called(_body(loop)) & looking
    }


def test_the_watch_is_the_sections_own() -> None:
    script = probe_script()
    assert "$SectionWatch = [System.Diagnostics.Stopwatch]::StartNew()" in script
    assert "'timed out ' + (Get-TimeSpent)" in script


def test_whatever_times_out_says_after_how_long() -> None:
    said = re.findall(r"-Why 'timed_out' -Detail (.*)", probe_script())
    assert set(said) == {"(Get-TimeSpent)", "'after 20 s'"}  # the section's limit, and a shorter one within it


def _body(loop: Node) -> Node:
    return next(child for child in reversed(loop.children) if child.type == "statement_block")


def _called(node: Node) -> set[str]:
    return {call.name.lower() for call in calls(node)}


def _runs_over(loop: Node) -> str:
    variable = next(iter(below(loop, "variable")), None)
    return text(variable).lstrip("$").lower() if variable is not None else ""


def _functions_that_ask(root: Node) -> set[str]:
    """Cmdlets that read the host, and the functions of the probe that call them, however deep."""
    asking = set(READS)
    own = functions(root)
    while True:
        more = {name for name, function in own.items() if function.body is not None and _called(function.body) & asking}
        if more <= asking:
            return asking
        asking |= more
