"""The offline script: the probe word for word, read-only under the same guard, and no value that could be code."""

from datetime import UTC, datetime

import pytest

from audits.collect.offline import offline_script
from audits.collect.probes import PROBE_VERSION, SECTION_ORDER, probe_script
from tests.probes.guard import offences
from tests.probes.syntax import calls, functions, parse

WORDS = {"name": "FleetAudit-HV01", "computer_name": "HV01", "nonce": "ab" * 32, "salt": "0b8e-11"}
EXPIRES_AT = datetime(2026, 12, 9, 14, 0, tzinfo=UTC)


def script(**changed: str) -> str:
    return offline_script(**(WORDS | changed), expires_at=EXPIRES_AT)


def test_the_script_holds_the_probe_word_for_word_in_one_function() -> None:
    assert f"function Read-FleetAuditEvidence {{\n{probe_script().rstrip()}\n}}\n" in script()


def test_the_script_only_reads() -> None:
    assert offences(script()) == []


def test_the_script_says_its_version_computer_and_last_day() -> None:
    first = script().splitlines()[0]
    assert f"offline script {PROBE_VERSION} for the computer HV01" in first
    assert "before 2026-12-09 14:00 UTC" in script()
    assert "-File .\\FleetAudit-HV01.ps1 > .\\FleetAudit-HV01.txt" in script()


def test_no_place_in_the_text_is_left_open() -> None:
    placeholders = [f"@{word}@" for word in ("VERSION", "COMPUTER", "NAME", "NONCE", "SALT", "EXPIRES", "PROBE")]
    assert not [each for each in placeholders if each in script()]


def test_every_section_is_read_with_the_parameters_of_an_audit() -> None:
    assert f"'{','.join(SECTION_ORDER)}'.Split(',')" in script()
    (call,) = [each for each in calls(parse(script())) if each.name == "Read-FleetAuditEvidence"]
    assert call.parameters == {"sections": "$name", "eventdays": "14", "writerseconds": "60"}


def test_its_own_functions_get_all_their_parameters() -> None:
    root = parse(script())
    own = functions(root)
    for name in ("write-field", "get-sha256", "get-machinehash", "get-time"):
        for call in calls(root):
            if call.name.lower() == name:
                assert set(call.parameters) == own[name].parameters


def test_the_script_is_the_same_for_the_same_values_and_ascii() -> None:
    assert script() == script()
    assert script().isascii()


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("hostile", ["a'b", "a\nb", "a`b", "$(x)", "a b", "", "ü", "’", "@PROBE@"])
def test_a_value_that_could_be_code_makes_no_script(word: str, hostile: str) -> None:
    with pytest.raises(ValueError, match="must not become part of a script"):
        script(**{word: hostile})
