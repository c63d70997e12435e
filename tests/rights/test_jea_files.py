"""The JEA endpoint's files: the probe word for word, data files that hold data only, and the same bytes every time."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audits.collect.jea import MODULE_VERSION, jea_archive, jea_files
from audits.collect.probes import PROBE_VERSION, probe_script
from audits.collect.winrm.target import JEA_FUNCTION
from simulator.windows_engine import PROBE_FUNCTION
from tests.probes.guard import offences
from tests.probes.syntax import below, first, functions, keys_of, parse, text, walk

MODULE = "FleetAudit/FleetAudit.psm1"
DATA_FILES = ("FleetAudit/FleetAudit.psd1", "FleetAudit/RoleCapabilities/FleetAudit.psrc", "FleetAudit.pssc")
# What Import-PowerShellDataFile takes: no command, no member, no variable but the constants.
DATA_ONLY = {"command", "invokation_expression", "member_access", "function_statement", "assignment_expression"}


def content(place: str) -> str:
    return jea_files()[place].decode("ascii")


def data_of(place: str) -> dict[str, str]:
    """The hashtable of a data file: key and the text of its value."""
    literal = first(parse(content(place)), "hash_literal_expression")
    assert literal is not None
    return keys_of(literal)


def test_the_module_is_the_probe_word_for_word_inside_one_function() -> None:
    before, after = content(MODULE).split(probe_script().rstrip("\n"))
    assert before.endswith(f"\n\nfunction {JEA_FUNCTION} {{\n")
    assert after == "\n}\n"
    code = [line for line in before.splitlines()[:-1] if line and not line.startswith("#")]
    assert code == ["$PSModuleAutoLoadingPreference = 'All'"]


def test_the_module_only_reads() -> None:
    assert offences(content(MODULE)) == []


def test_everything_else_is_defined_inside_the_one_function() -> None:
    root = parse(content(MODULE))
    outermost = [
        name for name, found in functions(root).items() if found.body is not None and _depth(found.body.parent) == 0
    ]
    assert outermost == [JEA_FUNCTION.lower()]


def _depth(node: object) -> int:
    depth = 0
    while node is not None:
        depth += getattr(node, "type", "") == "function_statement"
        node = getattr(node, "parent", None)
    return depth


def test_the_function_takes_the_probes_parameters() -> None:
    parameters = functions(parse(content(MODULE)))[JEA_FUNCTION.lower()].parameters
    assert {"sections", "eventdays", "writerseconds"} <= parameters


@pytest.mark.parametrize("place", DATA_FILES)
def test_a_data_file_is_one_hashtable_without_code(place: str) -> None:
    root = parse(content(place))
    nodes = list(walk(root))
    assert not [node for node in nodes if node.type == "ERROR" or node.is_missing]
    assert not [text(node) for node in nodes if node.type in DATA_ONLY]
    assert {text(node) for node in below(root, "variable")} <= {"$true", "$false", "$null"}


def test_the_manifest_names_module_version_and_the_one_function() -> None:
    manifest = data_of("FleetAudit/FleetAudit.psd1")
    assert manifest["RootModule"] == "'FleetAudit.psm1'"
    assert manifest["ModuleVersion"] == f"'{MODULE_VERSION}'"
    assert manifest["FunctionsToExport"] == f"@('{JEA_FUNCTION}')"
    assert {manifest[key] for key in ("CmdletsToExport", "VariablesToExport", "AliasesToExport")} == {"@()"}
    assert MODULE_VERSION == PROBE_VERSION


def test_the_role_shows_the_one_function_and_no_cmdlet() -> None:
    role = data_of("FleetAudit/RoleCapabilities/FleetAudit.psrc")
    assert role["VisibleFunctions"] == f"@('{JEA_FUNCTION}')"
    assert not {key for key in role if key.startswith("Visible")} - {"VisibleFunctions"}


def test_the_session_is_restricted_and_runs_as_a_virtual_account() -> None:
    session = data_of("FleetAudit.pssc")
    assert session["SessionType"] == "'RestrictedRemoteServer'"
    assert session["RunAsVirtualAccount"] == "$true"
    assert "RoleCapabilities = 'FleetAudit'" in session["RoleDefinitions"]
    assert "LanguageMode" not in session  # restricted sessions have none, and must not be given one


def test_the_files_are_the_same_every_time() -> None:
    assert jea_files() == jea_files()
    assert jea_archive() == jea_archive()


def test_the_archive_holds_the_files() -> None:
    with zipfile.ZipFile(io.BytesIO(jea_archive())) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == jea_files()


def test_the_instructions_name_the_hash_of_every_other_file() -> None:
    install = content("INSTALL.txt")
    for place, made in jea_files().items():
        if place != "INSTALL.txt":
            assert f"{hashlib.sha256(made).hexdigest()}  {place}" in install
    assert "@" not in install.replace("@{", "")


def test_the_command_writes_them_and_prints_their_hashes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("jea_module", "--out", str(tmp_path / "jea"))
    said = capsys.readouterr().out
    for place, made in jea_files().items():
        assert (tmp_path / "jea" / place).read_bytes() == made
        assert f"{hashlib.sha256(made).hexdigest()}  {place}" in said


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("jea_module", "--out", str(tmp_path / "file"))


def test_the_simulated_endpoint_offers_the_function_that_the_product_calls() -> None:
    assert PROBE_FUNCTION == JEA_FUNCTION
