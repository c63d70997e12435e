"""A host's script: in the order of what depends on what, careful before it starts, and silent about what only notes."""

import pytest

from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.vms import Checkpoint, Disk, Image
from audits.judgement.evidence.writers import HYPER_V_WRITER, Writer
from audits.judgement.host_script import HostScript
from audits.judgement.words import Section
from tests.judgement.hosts import (
    SERVER_2012_R2,
    SERVER_2022,
    clustered_host,
    healthy_host,
    image,
    with_backup_service,
    with_service,
    with_vm,
    with_vms,
    with_writers,
    without,
)
from tests.judgement.written_fixes import CLUSTERED, script_for, scripts
from tests.probes.syntax import calls, parse


def _commands(script: HostScript) -> list[str]:
    """The names of what the script runs, in order; what stands in comments is not among them."""
    return [call.name for call in calls(parse(script.text)) if "\n" not in call.name]


def _without_scsi(host: HostEvidence) -> HostEvidence:
    return with_vm(host, generation=1, scsi_controllers=0)


@pytest.mark.parametrize("name", scripts())
def test_every_script_of_the_estates_is_powershell(name: str) -> None:
    assert not parse(scripts()[name].text).has_error


@pytest.mark.parametrize("name", scripts())
def test_every_step_is_told_with_verify_and_way_back(name: str) -> None:
    script = scripts()[name]
    for word in ("# ---- step", "# Measured: ", "# Why: ", "# Verify", "# Way back: "):
        assert script.text.count(word) == len(script.steps), word


@pytest.mark.parametrize("name", scripts())
def test_no_line_of_a_script_is_empty_as_an_older_console_would_end_the_block_there(name: str) -> None:
    _, _, body = scripts()[name].text.partition("& {\n")
    assert "" not in body.removesuffix("\n").split("\n")


@pytest.mark.parametrize("name", scripts())
def test_what_cannot_be_undone_only_stands_in_comments(name: str) -> None:
    for step in scripts()[name].steps:
        assert not (step.does_it and step.text.recipe.irreversible)
        assert step.does_it or step.text.held_back


def test_the_script_first_looks_where_it_is_and_whether_a_backup_runs() -> None:
    text = script_for(with_backup_service(healthy_host(), enabled=False)).text

    guards = ["$env:COMPUTERNAME -ne 'HV0001'", f"$build -ne {SERVER_2022}", "IsInRole", "A backup, merge or move"]
    places = [text.index(guard) for guard in [*guards, "# ---- step 1"]]
    assert places == sorted(places)
    assert text.count("throw '") == len(guards)


def test_the_header_names_host_evidence_and_probe_and_that_nobody_runs_it_for_you() -> None:
    head = script_for(with_backup_service(healthy_host(), enabled=False)).text.partition("& {")[0]

    assert "HV0001, Windows Server 2022, build 20348" in head
    assert "2026-11-23 02:00 UTC by probe version 1.0.0" in head
    assert "Read it before you run it. Fleet Audit never runs it." in head
    assert all(line.startswith("#") for line in head.splitlines())


def test_a_healthy_host_has_no_script_and_says_so() -> None:
    script = script_for(healthy_host())

    assert (script.text, script.steps) == ("", ())
    assert "Nothing that has a fix fails" in script.why_none


def test_a_host_whose_name_was_not_read_has_no_script() -> None:
    script = script_for(without(with_backup_service(healthy_host(), enabled=False), Section.IDENTITY))

    assert script.text == ""
    assert "was not read" in script.why_none


def test_a_note_is_no_step() -> None:
    assert script_for(with_vm(healthy_host(), checkpoint_type=4)).steps == ()


def test_services_and_writer_come_before_vms() -> None:
    host = with_service(healthy_host(), "VSS", start_mode="Disabled")
    host = with_writers(host, writers=(Writer(writer_id=HYPER_V_WRITER, state=8),))
    script = script_for(with_backup_service(host, enabled=False))

    assert [step.rule for step in script.steps] == ["HOST-SVC", "HOST-WRITER", "VM-ISBACKUP"]
    order = ["Set-Service", "Restart-Service", "Enable-VMIntegrationService"]
    assert [name for name in _commands(script) if name in order] == order


def test_left_over_checkpoints_come_before_the_folder_of_checkpoints() -> None:
    old = Checkpoint(checkpoint_id="c", kind=1, created_at="2026-11-01T00:00:00Z")
    script = script_for(with_vm(healthy_host(SERVER_2012_R2), checkpoint_path="C:\\x", checkpoints=(old,)))

    assert [step.rule for step in script.steps] == ["VM-LEFTOVER", "VM-SNAPLOC"]


def test_a_merge_comes_before_the_controller_and_the_version_last() -> None:
    leaf, base = "D:\\VMs\\SQL01\\a_1.avhdx", "D:\\VMs\\SQL01\\a.vhdx"
    host = with_vm(
        _without_scsi(healthy_host()), version="5.0", disks=(Disk(path=leaf, persistent_reservations=False),)
    )
    images = (image(path=leaf, kind=4, parent_path=base), Image(path=base, exists=True, format=3, kind=3))
    script = script_for(with_vms(host, images=images))

    assert [step.rule for step in script.steps] == ["VM-LEFTOVER", "VM-SCSI", "VM-VERSION"]


def test_everything_that_needs_a_vm_off_shares_one_shutdown() -> None:
    vhd = "D:\\VMs\\SQL01\\a.vhd"
    host = with_vm(_without_scsi(healthy_host()), version="5.0", disks=(Disk(path=vhd, persistent_reservations=False),))
    script = script_for(with_vms(host, images=(image(path=vhd, format=2),)))
    names = _commands(script)

    assert names.count("Stop-VM") == names.count("Start-VM") == 1
    assert names.index("Stop-VM") < names.index("Add-VMScsiController") < names.index("Start-VM")
    assert script.vms_off == 1


def test_a_vm_starts_again_even_when_a_step_fails_and_only_if_it_ran() -> None:
    text = script_for(_without_scsi(healthy_host(SERVER_2012_R2))).text

    assert "if ($wasRunning) { Stop-VM -VM $vm }\n    try {" in text
    assert "} finally {\n        if ($wasRunning) { Start-VM -VM $vm }" in text


def test_a_vm_is_not_shut_down_for_steps_that_are_left_to_a_person() -> None:
    assert "Stop-VM" not in _commands(script_for(with_vm(healthy_host(), version="5.0")))


def test_a_step_that_is_done_already_is_skipped() -> None:
    text = script_for(with_backup_service(healthy_host(), enabled=False)).text

    assert ".Enabled) { Write-Host 'Step 1: done already.' } else {" in text


def test_a_clustered_vm_is_started_through_its_cluster_which_reads_its_files_again() -> None:
    names = _commands(script_for(CLUSTERED))

    assert "Update-ClusterVirtualMachineConfiguration" in names
    assert "Start-ClusterGroup" in names
    assert "Start-VM" not in names


def test_a_cluster_node_is_drained_before_its_management_restarts() -> None:
    names = _commands(script_for(CLUSTERED))

    drain = ["Suspend-ClusterNode", "Restart-Service", "Resume-ClusterNode"]
    assert [name for name in names if name in drain] == drain


def test_a_node_of_no_cluster_is_not_drained() -> None:
    host = with_writers(healthy_host(), writers=(Writer(writer_id=HYPER_V_WRITER, state=8),))

    assert "Suspend-ClusterNode" not in _commands(script_for(host))


def test_stopped_management_does_not_keep_the_script_from_starting_it() -> None:
    script = script_for(with_service(healthy_host(), "vmms", state="Stopped"))

    assert "Start-Service" in _commands(script)
    assert "(Get-Service -Name 'vmms'" in script.text.partition("A backup, merge or move")[0]


def test_the_vms_of_a_cluster_are_told_apart_from_its_group_by_id() -> None:
    script = script_for(clustered_host(group={"resource_state": 4}))

    assert [step.rule for step in script.steps] == ["VM-CLUSTER"]
    assert "Get-ClusterGroup -VMId" in script.text
