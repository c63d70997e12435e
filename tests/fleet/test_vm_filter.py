"""Patterns over VM names: what fits, and that no name a stranger chooses makes matching slow or wrong."""

import fnmatch
import random
import re

import pytest

from fleet.vm_filter import filter_from, matches


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("SQL*", "SQL01", True),
        ("sql*", "SQL01", True),
        ("SQL*", "MYSQL01", False),
        ("*SQL*", "MYSQL01", True),
        ("DC0?", "DC01", True),
        ("DC0?", "DC011", False),
        ("DC0?", "DC0", False),
        ("SQL01", "SQL01", True),
        ("SQL01", "SQL01 (evil)", False),
        ("SQL01", "SQL01\n", False),
        ("SQL[01]", "SQL0", False),
        ("SQL[01]", "SQL[01]", True),
        ("*", "", True),
        ("a*a", "a", False),
        ("*ab*ab*", "xabyabz", True),
        ("?*?", "x", False),
        ("straße*", "STRASSE 1", True),
        ("*", "x" * 4096, False),
    ],
)
def test_a_pattern_fits_whole_names(pattern: str, name: str, fits: bool) -> None:
    assert matches(pattern, name) is fits


def test_it_agrees_with_the_shells_own_patterns() -> None:
    chance = random.Random(20261125)
    for _ in range(5_000):
        pattern = "".join(chance.choice("ab*?") for _ in range(chance.randint(0, 7)))
        name = "".join(chance.choice("ab") for _ in range(chance.randint(0, 9)))
        expected = re.match(fnmatch.translate(pattern), name) is not None
        assert matches(pattern, name) is expected, (pattern, name)


def test_a_filter_is_stored_without_doubled_stars() -> None:
    assert filter_from("  SQL***  ") == "SQL*"


@pytest.mark.parametrize("text", ["", "   ", "a\nb", "a\x00", "x" * 201, "\u202ecod"])
def test_a_filter_that_nobody_can_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        filter_from(text)
