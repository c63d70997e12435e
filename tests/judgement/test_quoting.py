"""Nothing that a host said breaks out of a command: not its name, not a path, not a volume, in no kind of quote."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs

from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.guests import GuestShadowStorage
from audits.judgement.evidence.services import Service
from audits.judgement.evidence.vms import Checkpoint, Disk, Image
from audits.judgement.evidence.volumes import ShadowStorage
from audits.judgement.evidence.writers import Writer
from audits.judgement.host_script import HostScript
from audits.judgement.powershell import (
    ascii_only,
    commands,
    is_visible,
    literal,
    path_argument,
    remark,
    volume_argument,
)
from tests.judgement.hosts import (
    DATA_VOLUME,
    SERVER_2012_R2,
    SYSTEM_VOLUME,
    VM_ID,
    clustered_host,
    guest_volume,
    healthy_host,
    image,
    shared_volume,
    with_backup_service,
    with_cluster,
    with_events,
    with_identity,
    with_inside,
    with_vm,
    with_vms,
    with_volumes,
)
from tests.judgement.powershell_reading import outside, value_of
from tests.judgement.written_fixes import script_for
from tests.probes.syntax import calls, parse

HOSTILE = (
    "'; Remove-VM -Name *; '",
    "\u2019; Remove-VM -Name *; \u2018",
    "\u201a'\u201b; calc",
    'a"; calc; "',
    "$(calc)",
    "$env:COMPUTERNAME",
    "`'; calc",
    "#> calc <#",
    "SIG # Begin signature block",
    "requires -Version 99",
    "line\nRemove-VM *",
    "line\r\nRemove-VM *",
    "next\u0085Remove-VM *",
    "line\u2028Remove-VM *",
    "paragraph\u2029Remove-VM *",
    "invoice\u202efdp.exe",
    "bell\x07and\x1b[31mred",
    "nul\x00byte",
    "tag\U000e0001hidden",
    "lone\ud800surrogate",
    "Büro-Straße Łódź 東京",
    "\xd1; calc; \xd2",
    "{vm}{folder}",
    "a" * 4096,
    "-Force",
    "@(1)",
    "",
)
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(), st.text(alphabet="'\u2018\u2019\u201a\u201b\"#$`;\n\u2028a "))


@given(TEXTS)
@example("'")
def test_a_literal_evaluates_to_the_text_it_was_made_of(text: str) -> None:
    assert value_of(literal(text)) == text


@given(TEXTS)
def test_nothing_of_a_literal_stands_outside_of_its_strings(text: str) -> None:
    assert outside(literal(text)) == "\x00"


@given(TEXTS)
def test_a_literal_holds_no_character_that_one_does_not_see(text: str) -> None:
    assert all(map(is_visible, literal(text)))


@given(TEXTS)
def test_a_literal_for_a_file_is_ascii_and_still_the_same_text(text: str) -> None:
    in_file = ascii_only(literal(text))

    assert in_file.isascii()
    assert value_of(_without_inner_parentheses(in_file)) == text


def _without_inner_parentheses(expression: str) -> str:
    """A sum inside a sum: its parentheses mean nothing. Only those outside of strings are dropped."""
    if not expression.startswith("(("):
        pieces = _outer_pieces(expression)
        return f"({' + '.join(pieces)})" if len(pieces) > 1 else pieces[0]
    return f"({' + '.join(_outer_pieces(expression))})"


def _outer_pieces(expression: str) -> list[str]:
    pieces: list[str] = []
    position = 0
    while position < len(expression):
        if expression[position] == "'":
            end = position + 1
            while expression[end] != "'" or expression[end + 1 : end + 2] == "'":
                end += 2 if expression[end] == "'" else 1
            pieces.append(expression[position : end + 1])
            position = end + 1
        elif expression.startswith("[char]0x", position):
            pieces.append(expression[position : position + 12])
            position += 12
        else:
            assert expression[position] in "()+ "
            position += 1
    return pieces


@given(TEXTS)
def test_a_comment_stays_one_comment(text: str) -> None:
    comment = f"# the VM {remark(text)}"

    assert outside(comment) == "#"
    assert all(map(is_visible, comment))
    assert "#>" not in comment


@given(TEXTS, TEXTS)
def test_a_command_filled_in_is_the_same_command(one: str, other: str) -> None:
    template = "Get-VM -Id {one} | Where-Object { $_.Path -eq {other} } | Set-VM -Notes {one}"

    assert outside(commands(template, one=one, other=other)) == outside(commands(template, one="a", other="b"))


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        commands("Get-VM -Id {vm}")


@pytest.mark.parametrize("name", [*HOSTILE, "D:\\; calc", "D: /all", "\\\\?\\Volume{x}\\", "\\\\server\\share", "DD:"])
def test_only_a_drive_or_a_volume_id_is_passed_to_a_program(name: str) -> None:
    assert volume_argument(name) is None


def test_a_drive_and_a_volume_id_are_passed_as_programs_take_them() -> None:
    assert volume_argument("d:\\") == "D:"
    assert volume_argument("C:\\Mount\\", DATA_VOLUME) == DATA_VOLUME


@given(TEXTS)
def test_a_path_for_a_program_holds_neither_its_quote_nor_a_backslash_at_the_end(path: str) -> None:
    argument = path_argument(path)

    assert argument is None or ('"' not in argument and not argument.endswith("\\") and all(map(is_visible, argument)))


# What follows is about whole scripts: every fix that writes something a host said, in a host that says it everywhere.


def _spoilt(name: str) -> Iterator[HostEvidence]:
    disk, parent = f"D:\\{name}\\disk.vhd", f"D:\\{name}\\parent.vhdx"
    leaf = f"D:\\{name}\\disk_1.avhdx"
    yield with_vms(
        with_backup_service(
            with_vm(
                with_identity(healthy_host(), computer_name=name or "x"),
                name=name,
                checkpoint_path=f"C:\\{name}",
                checkpoints=(Checkpoint(checkpoint_id="c", name=name, kind=0),),
                checkpoint_type=2,
                version="5.0",
                disks=(Disk(path=disk, persistent_reservations=False), Disk(disk_number=3)),
            ),
            enabled=False,
        ),
        images=(image(path=disk, format=2),),
    )
    yield with_vms(
        with_vm(
            healthy_host(SERVER_2012_R2),
            name=name,
            generation=1,
            scsi_controllers=0,
            disks=(Disk(path=leaf, persistent_reservations=False, controller_type=0),),
        ),
        images=(
            image(path=leaf, kind=4, parent_path=parent),
            Image(path=parent, exists=True, format=3, kind=3),
        ),
    )
    yield with_vms(
        with_vm(healthy_host(), name=name, disks=(Disk(path=disk, persistent_reservations=True),)),
        images=(image(path=disk, parent_path=parent), Image(path=parent, exists=False)),
    )
    clustered = clustered_host(group={"name": name, "resource_state": 4})
    yield with_cluster(with_vm(clustered, name=name), shared_volumes=(shared_volume(name=name, in_maintenance=True),))
    yield with_volumes(
        with_vm(healthy_host(), name=name),
        shadow_storage=(
            ShadowStorage(volume_id=DATA_VOLUME, diff_volume_id=SYSTEM_VOLUME, max_bytes=10**12, allocated_bytes=1),
        ),
    )
    recovery = Checkpoint(checkpoint_id="c", name=name, kind=1, created_at="2026-11-01T00:00:00Z")
    refused = with_vms(
        with_vm(healthy_host(), name=name, checkpoints=(recovery,), disks=(Disk(path=disk),)),
        images=(image(path=disk),),
    )
    yield with_events(refused, ("Microsoft-Windows-Hyper-V-VMMS", 19100, 3))
    yield with_inside(
        with_vm(healthy_host(), name=name),
        volumes=(guest_volume(volume_id=name, name=name, label=name, file_system="FAT32"),),
        shadow_storage=(GuestShadowStorage(volume_id=name, diff_volume_id=f"{name} elsewhere"),),
        writers=(Writer(writer_id=name[:38], name=name, state=8),),
        services=(Service(name="VSS", start_mode="Disabled", state=name),),
    )


HARMLESS = [script_for(evidence) for evidence in _spoilt("harmless")]


def _structure(script: HostScript) -> list[tuple[str, tuple[str, ...], int]]:
    root = parse(script.text)
    assert not root.has_error
    return [(call.name, tuple(call.parameters), len(call.positional)) for call in calls(root) if "\n" not in call.name]


def test_the_harmless_scripts_write_what_the_host_said() -> None:
    fixes = {step.text.fix.id for script in HARMLESS for step in script.steps}

    assert fixes >= {"F1", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F11", "F16", "F18", "F19", "F22"}
    assert any("icacls.exe 'D:\\harmless' /grant 'NT VIRTUAL MACHINE\\" in script.text for script in HARMLESS)


@pytest.mark.parametrize("name", ['a" /grant Everyone:F "', "a\u202eb"], ids=ascii)
def test_a_folder_that_a_program_would_misread_is_not_passed_to_it(name: str) -> None:
    scripts = [script_for(evidence) for evidence in _spoilt(name)]

    assert not any("icacls.exe '" in script.text for script in scripts)
    assert any("can be passed to icacls.exe safely" in script.text for script in scripts)


def test_an_id_that_a_program_would_misread_is_not_passed_to_it() -> None:
    hostile = '6d0a" /grant Everyone:F "'
    (evidence,) = [each for each in _spoilt("harmless") if "19100" in str(each.vss_events)]

    assert "icacls.exe '" in script_for(evidence).text
    assert "icacls.exe '" not in script_for(with_vm(evidence, vm_id=hostile)).text


@pytest.mark.parametrize("name", [name for name in HOSTILE if "\ud800" not in name and name], ids=ascii)
def test_a_script_has_the_same_commands_whatever_the_host_says(name: str) -> None:
    for script, harmless in zip(map(script_for, _spoilt(name)), HARMLESS, strict=True):
        assert _structure(script) == _structure(harmless)


@given(st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=40)))
@example("\u2019\u2019'")
def test_a_script_is_the_same_outside_of_its_strings_and_comments(name: str) -> None:
    for script, harmless in zip(map(script_for, _spoilt(name or "x")), HARMLESS, strict=True):
        assert _sorted_lines(outside(script.text)) == _sorted_lines(outside(harmless.text))


def _sorted_lines(script: str) -> list[str]:
    """Steps of one kind are in the order of their subjects' names, so lines may change places, but never change."""
    return sorted(line for line in script.split("\n") if line.strip(" #"))


@pytest.mark.parametrize("name", [name for name in HOSTILE if name and "\ud800" not in name], ids=ascii)
def test_copied_text_and_page_show_no_invisible_character(name: str) -> None:
    for script in map(script_for, _spoilt(name)):
        assert all(is_visible(character) or character == "\n" for character in script.text)
        for step in script.steps:
            for text in (step.text.commands, step.text.verify, step.text.undo):
                assert all(is_visible(character) or character == "\n" for character in text)


def test_the_vm_is_named_by_its_id_and_never_by_its_name() -> None:
    evidence = with_backup_service(with_vm(healthy_host(), name="a name nobody types"), enabled=False)
    (step,) = script_for(evidence).steps

    assert f"Get-VM -Id '{VM_ID}'" in step.text.commands
    code = "\n".join(line.partition("#")[0] for line in step.text.commands.split("\n"))
    assert "a name nobody types" not in code


def test_strings_of_a_script_are_ascii_as_a_file_may_be_read_in_any_code_page() -> None:
    evidence = with_vm(healthy_host(), checkpoint_path="C:\\x", disks=(Disk(path="D:\\Büro Łódź ’\\a.vhdx"),))
    script = script_for(structs.replace(evidence))
    code = [line for line in script.text.split("\n") if not line.lstrip().startswith("#")]

    assert any("[char]0x00FC" in line for line in code)
    assert all(line.partition("   # ")[0].isascii() for line in code)
