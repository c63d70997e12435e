"""What a promise says and does not say: the writer's old word, the silent guest, the path, and what no fix mends."""

import pytest

from audits.judgement.matrix import MATRIX
from audits.judgement.planner.plan import HostPlan, plan_host
from audits.judgement.planner.repairs import price_of_rule
from audits.judgement.planner.what_if import Assumption, WhatIf
from audits.judgement.rules import RULES
from audits.judgement.words import BackupPath, Confidence, VerdictWord
from simulator import windows
from simulator.windows import Disk, VirtualMachine, Volume, WindowsHost
from tests.planner.planned import judged, live_in
from tests.planner.repaired import repaired

VSS, WMI, NOT_KNOWN = BackupPath.VSS, BackupPath.WMI, BackupPath.UNKNOWN


def a_host(*vms: VirtualMachine, **differs: object) -> WindowsHost:
    return windows.host("hv01.example", vms=vms, **differs)


def plan(host: WindowsHost, path: BackupPath = VSS) -> HostPlan:
    return plan_host(judged(host, path))


def rules_of(found: HostPlan) -> list[list[str]]:
    return [sorted({step.rule for step in suggestion.steps}) for suggestion in found.suggestions]


def test_an_offline_that_a_failed_condition_explains_is_expected_to_go_with_it() -> None:
    [need] = plan(a_host(windows.vm("SQL01", backup_service=False), build=9600)).needs
    assert [step.rule for step in need.steps] == ["VM-ISBACKUP"]
    assert need.assumes == (Assumption.WRITER_SAYS_ONLINE,)
    assert need.confidence is Confidence.MEDIUM


def test_an_offline_that_nothing_explains_is_no_promise() -> None:
    found = plan(a_host(windows.vm("SQL01", guest_blocks="dynamic disk")))
    assert found.needs == () and found.suggestions == ()
    [other] = found.not_plannable
    assert "the cause is inside the guest" in other.why


def test_an_offline_beside_a_failure_that_does_not_explain_it_stays() -> None:
    """A pass-through disk makes the backup fail; it is not why the writer says offline."""
    found = plan(a_host(windows.vm("SQL01", guest_blocks="dynamic disk", disks=(Disk(), Disk(number=2)))))
    [other] = found.not_plannable
    assert (other.word, other.best) == (VerdictWord.BACKUP_FAILS, VerdictWord.SAVED_STATE)


def test_an_offline_is_not_explained_by_a_condition_of_which_no_source_says_what_it_does() -> None:
    vm = windows.vm("SQL01", checkpoint_folder="C:\\Checkpoints", caption="Offline\\SQL01")
    assert plan(a_host(vm)).needs == ()


def test_a_cause_behind_the_cause_breaks_the_promise_and_the_assumption_had_said_so() -> None:
    host = a_host(windows.vm("SQL01", backup_service=False, guest_blocks="dynamic disk"), build=9600)
    [suggestion] = plan(host).suggestions
    assert Assumption.WRITER_SAYS_ONLINE in suggestion.assumes
    assert live_in(judged(repaired(host, suggestion.steps), VSS).verdicts) == set()


def test_a_service_that_is_offered_again_is_expected_to_answer_on_path_wmi() -> None:
    [need] = plan(a_host(windows.vm("SQL01", backup_service=False)), WMI).needs
    assert need.assumes == (Assumption.GUEST_ANSWERS,)


def test_a_caption_that_was_not_read_promises_nothing_on_path_vss() -> None:
    found = plan(a_host(windows.vm("SQL01", backup_service=False), caption_reading="refused"))
    assert found.needs == ()
    assert "guest not read" in found.not_plannable[0].why or "was not" in found.not_plannable[0].why


def test_an_unread_condition_is_named_as_what_stands_in_the_way() -> None:
    vm = windows.vm("SQL01", backup_service=False, reports={"scsi_controllers": None, "generation": 1})
    [other] = plan(a_host(vm, build=9600)).not_plannable
    assert other.unknowns == ("VM-SCSI",)
    assert other.why.startswith("VM-SCSI is not known:")


def test_one_full_volume_is_one_step_for_all_its_vms() -> None:
    full = Volume(name="E:\\", capacity_gb=500.0, free_gb=0.1)
    vms = [windows.vm(f"VM{n}", folder=f"E:\\VM{n}") for n in range(3)]
    host = a_host(*vms)
    host = a_host(*vms, volumes=(*host.volumes, full))
    [suggestion] = plan(host).suggestions
    assert [(step.rule, step.subject) for step in suggestion.steps] == [("VOL-FREE", "E:\\")]
    assert len(suggestion.live) == 3


def test_low_space_that_hyper_v_reports_of_a_vm_ends_with_room_on_its_volume() -> None:
    [suggestion] = plan(a_host(windows.vm("SQL01", operational_status=(5,)))).suggestions
    assert [step.rule for step in suggestion.steps] == ["VOL-FREE"]


def test_the_writer_comes_back_with_its_service() -> None:
    [suggestion] = plan(a_host(windows.vm("SQL01"), services={"vmms": "stopped"}, hyper_v_writer=8)).suggestions
    assert [step.rule for step in suggestion.steps] == ["HOST-VMMS"]


def test_vms_that_share_a_disk_share_its_repair() -> None:
    shared = Disk(path="D:\\Shared\\quorum.vhdx", shared=True)
    vms = [windows.vm(name, disks=(Disk(), shared)) for name in ("NODE-A", "NODE-B")]
    [suggestion] = plan(a_host(*vms)).suggestions
    [step] = suggestion.steps
    assert (step.subject, suggestion.minutes) == ("NODE-A, NODE-B", 90)
    assert len(suggestion.off) == 2


@pytest.mark.parametrize(
    "vm",
    [
        windows.vm("XP", guest="windows-xp", generation=1),
        windows.vm("SHARED", disks=(Disk(path="D:\\Shared\\quorum.vhdx", shared=True),)),
    ],
    ids=lambda vm: vm.name,
)
def test_what_no_work_on_a_2012_r2_host_mends_is_not_planned(vm: VirtualMachine) -> None:
    [other] = plan(a_host(vm, build=9600)).not_plannable
    assert other.why.startswith("no fix here mends")


def test_disks_on_several_volumes_are_not_mended_by_moving_the_checkpoint_folder() -> None:
    vm = windows.vm("SQL01", disks=(Disk(), Disk(path="C:\\Data\\data.vhdx")))
    [other] = plan(a_host(vm, build=9200)).not_plannable
    assert "no fix here mends VM-SNAPLOC" in other.why


def test_a_critical_vm_is_promised_only_where_it_is_known_to_run_afterwards() -> None:
    running = windows.vm("RUNNING", state="running_critical", operational_status=(32795,))
    paused = windows.vm("PAUSED", state="paused_critical", operational_status=(32795,))
    found = plan(a_host(running, paused), WMI)
    assert [need.vm for need in found.needs] == ["RUNNING"]
    assert [(other.vm, other.best) for other in found.not_plannable] == [("PAUSED", VerdictWord.UNKNOWN)]


def test_the_path_is_a_statement_with_its_effect_for_each_value_and_no_step() -> None:
    host = a_host(windows.vm("no-caption"), windows.vm("no-service", backup_service=False), caption_reading="absent")
    found = plan(host, NOT_KNOWN)
    names = {vm.vm_id: vm.name for vm in host.vms}
    assert found.path is not None
    assert [names[vm_id] for vm_id in found.path.live_if_wmi] == ["no-caption"]
    assert found.path.live_if_vss == ()
    assert found.suggestions == ()
    assert plan(host, WMI).path is None


def test_what_becomes_better_without_being_live_is_told() -> None:
    stuck = windows.vm("STUCK", generation=1, scsi_controllers=0, guest_blocks="dynamic disk")
    fixed = windows.vm("FIXED", generation=1, scsi_controllers=0)
    [first, *_] = plan(a_host(stuck, fixed, build=9600, hyper_v_writer=8)).suggestions
    assert len(first.live) == 1
    assert len(first.improved) == 0  # its own controller is no part of the first suggestion


def test_without_steps_nothing_changes() -> None:
    judgement = judged(a_host(windows.vm("A", backup_service=False), windows.vm("B")), VSS)
    what_if = WhatIf(judgement.host, judgement.results, VSS)
    assert [outcome.verdict for outcome in what_if.all(())] == judgement.verdicts


@pytest.mark.parametrize("rule_id", [rule_id for rule_id in MATRIX if rule_id in RULES])
def test_every_condition_has_a_price_or_is_said_to_have_none(rule_id: str) -> None:
    price = price_of_rule(rule_id)
    assert price is not None or rule_id == "VM-GUESTOS"
    if price is not None:
        assert price.minutes > 0
