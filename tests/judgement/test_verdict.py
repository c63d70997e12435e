"""Every sentence of the verdict's table, as a test. The cells themselves are tried in test_matrix."""

from typing import Any

import pytest
from msgspec import structs

from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.vms import Checkpoint, Disk
from audits.judgement.evidence.writers import Component
from audits.judgement.inside_guest import ASKED_BY_THE_WRITER, NO_ACCESS
from audits.judgement.judge import judge
from audits.judgement.matrix import GUEST_CONDITIONS, Column
from audits.judgement.path_verdict import WORST_FIRST
from audits.judgement.rules import RULES
from audits.judgement.vm_state import state_of
from audits.judgement.vm_verdict import VMVerdict
from audits.judgement.words import (
    BackupPath,
    Confidence,
    Observed,
    ResultWord,
    Section,
    SectionStatus,
    VerdictWord,
    VMState,
    WriterSays,
)
from tests.judgement.hosts import (
    DISK_PATH,
    SERVER_2008_R2,
    SERVER_2012,
    SERVER_2012_R2,
    VM_ID,
    clustered_host,
    healthy_host,
    vm,
    volume,
    with_backup_service,
    with_caption,
    with_data_volume,
    with_disk,
    with_guest,
    with_identity,
    with_image,
    with_service,
    with_vm,
    with_vms,
    with_volumes,
    with_writers,
    without,
)
from tests.judgement.life import backup_ended, backup_started, host_that_logged, nine_seconds

VSS, WMI, NOT_KNOWN = BackupPath.VSS, BackupPath.WMI, BackupPath.UNKNOWN


def verdict_of(host: HostEvidence, path: BackupPath = NOT_KNOWN) -> VMVerdict:
    [verdict] = judge(host, path).verdicts
    return verdict


def unheard(host: HostEvidence) -> HostEvidence:
    """The host whose writer was asked, but without the captions: rules decide alone."""
    return with_writers(host, components=None)


# 1. State comes first


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (2, VMState.RUNNING),
        (3, VMState.OFF),
        (6, VMState.SAVED),
        (32779, VMState.SAVED),
        (32783, VMState.SAVED),
        (9, VMState.PAUSED),
        (32785, VMState.CRITICAL),
        (32796, VMState.CRITICAL),
        (1, VMState.UNKNOWN),
        (None, VMState.UNKNOWN),
        (4, VMState.TRANSITIONAL),
        (32773, VMState.TRANSITIONAL),
        (32784, VMState.TRANSITIONAL),
        (32797, VMState.TRANSITIONAL),
        (0, VMState.TRANSITIONAL),
    ],
)
def test_every_state_number_has_its_word(number: int | None, word: VMState) -> None:
    assert state_of(number) is word


@pytest.mark.parametrize("state", [3, 6, 32779, 32783])
def test_a_vm_that_is_off_or_saved_is_already_offline_and_nothing_else_is_looked_at(state: int) -> None:
    broken = with_image(with_backup_service(healthy_host(), enabled=False), exists=False)

    verdict = verdict_of(with_vm(broken, state=state))

    assert verdict.verdict is verdict.verdict_vss is verdict.verdict_wmi is VerdictWord.ALREADY_OFFLINE
    assert verdict.confidence is Confidence.HIGH
    assert (verdict.causes, verdict.unknowns) == ((), ())
    assert not verdict.depends_on_backup_path and not verdict.conflict


@pytest.mark.parametrize("state", [None, 1, 10, 32773])
def test_a_vm_in_transition_or_of_unknown_state_is_unknown_and_nothing_else_is_looked_at(state: int | None) -> None:
    verdict = verdict_of(with_vm(with_image(healthy_host(), exists=False), state=state))

    assert verdict.verdict is VerdictWord.UNKNOWN
    assert verdict.causes == ()
    assert verdict.unknowns == ("VM-RUN",)
    assert not verdict.host_side_ready


def test_a_critical_vm_fails_by_its_storage() -> None:
    verdict = verdict_of(with_vm(healthy_host(), state=32785), VSS)

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.BACKUP_FAILS, Confidence.HIGH)
    assert verdict.causes == ("VM-STORAGE",)
    assert verdict.vm_state is VMState.CRITICAL


# 2. What a failed condition does


def test_offline_is_at_most_likely_on_2012_r2() -> None:
    verdict = verdict_of(with_backup_service(unheard(healthy_host(SERVER_2012_R2)), enabled=False))

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.SAVED_STATE, Confidence.MEDIUM)
    assert "suspension likely" in verdict.sentence
    assert verdict.sentence.startswith("will be")


def test_offline_is_of_low_confidence_since_2016_and_the_sentence_says_why() -> None:
    verdict = verdict_of(with_caption(with_backup_service(healthy_host(), enabled=False), "Offline\\SQL01"), VSS)

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.SAVED_STATE, Confidence.LOW)
    assert "the writer calls it offline; whether it is then saved is not confirmed" in verdict.sentence
    assert verdict.sentence.startswith("may be")


def test_without_a_source_the_verdict_is_not_green() -> None:
    verdict = verdict_of(with_vm(unheard(healthy_host()), checkpoint_type=2), WMI)

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.UNKNOWN, Confidence.LOW)
    assert verdict.sentence == "no source says what this does here"
    assert verdict.causes == ("VM-CKPT",)
    assert not verdict.host_side_ready


@pytest.mark.parametrize("path", [VSS, WMI])
def test_the_writers_word_online_clears_what_no_source_knows(path: BackupPath) -> None:
    verdict = verdict_of(with_vm(healthy_host(), checkpoint_type=2), path)

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.LIVE, Confidence.MEDIUM)
    assert verdict.causes == ()


@pytest.mark.parametrize(
    ("rule_id", "host"),
    [
        ("HOST-VMMS", with_service(healthy_host(), "vmms", state="Stopped")),
        ("HOST-SVC", with_service(healthy_host(), "swprv", start_mode="Disabled")),
        ("HOST-WRITER", with_writers(healthy_host(), writers=())),
    ],
)
def test_without_writer_or_services_no_snapshot_is_made_on_path_vss_alone(rule_id: str, host: HostEvidence) -> None:
    verdict = verdict_of(host, VSS)

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.BACKUP_FAILS, Confidence.MEDIUM)
    assert verdict.causes == (rule_id,)
    assert verdict_of(host, WMI).verdict is VerdictWord.LIVE


def test_a_busy_vm_is_unknown_and_asked_again() -> None:
    verdict = verdict_of(with_vm(healthy_host(), operational_status=(11, 32776)), VSS)

    assert verdict.verdict is VerdictWord.UNKNOWN
    assert "VM-BUSY" in verdict.unknowns
    assert "ask again" in verdict.sentence
    assert not verdict.host_side_ready


def test_a_vm_that_seems_stuck_is_unknown_by_that_cause() -> None:
    old = (Checkpoint(checkpoint_id="c", kind=1, created_at="2026-11-20T22:00:00Z"),)

    verdict = verdict_of(with_vm(healthy_host(), operational_status=(11, 32776), checkpoints=old), VSS)

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.UNKNOWN, Confidence.NONE)
    assert verdict.causes == ("VM-BUSY",)
    assert verdict.sentence == "a backup or merge of the VM seems stuck"


@pytest.mark.parametrize(
    "spoiled",
    [
        with_vm(healthy_host(), checkpoint_type=5),
        with_vm(healthy_host(), checkpoint_type=4),
        with_vm(healthy_host(), version="5.0"),
        with_image(healthy_host(), format=2),
        with_identity(healthy_host(), free_memory_bytes=900 * 1024**2),
        with_data_volume(healthy_host(), free_bytes=5 * 1024**3),
        with_data_volume(healthy_host(), file_system="exFAT"),
    ],
)
def test_what_the_matrix_does_not_know_changes_no_verdict(spoiled: HostEvidence) -> None:
    assert ResultWord.FAIL in {result.result for result in judge(spoiled).results}
    assert verdict_of(spoiled, VSS).verdict is VerdictWord.LIVE


# 3. Several causes


def test_the_worst_of_several_failures_wins_and_causes_come_worst_first() -> None:
    host = with_backup_service(unheard(healthy_host()), enabled=False)
    host = with_vm(with_vm(host, state=9), checkpoint_type=2)
    host = with_disk(host, persistent_reservations=True)

    verdict = verdict_of(host, VSS)

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.BACKUP_FAILS, Confidence.HIGH)
    assert verdict.causes == ("VM-SHARED", "VM-RUN", "VM-ISBACKUP", "VM-CKPT")


def test_the_surest_of_equally_bad_causes_gives_the_confidence() -> None:
    paused = with_vm(unheard(healthy_host(SERVER_2012)), state=9)
    assert verdict_of(paused).confidence is Confidence.MEDIUM

    assert verdict_of(with_backup_service(paused, enabled=False)).confidence is Confidence.HIGH


def test_a_known_failure_outranks_what_could_not_be_read() -> None:
    verdict = verdict_of(with_vm(with_image(healthy_host(), exists=False), scsi_controllers=None, generation=1), VSS)

    assert verdict.verdict is VerdictWord.BACKUP_FAILS
    assert "VM-SCSI" in verdict.unknowns


def test_the_order_of_verdicts_is_the_contracts() -> None:
    assert [word.value for word in WORST_FIRST] == [
        "backup_fails",
        "saved_state",
        "crash_consistent",
        "unknown",
        "live",
    ]


# 4. Green needs evidence


def test_all_read_all_passed_and_online_by_the_writer_is_live() -> None:
    verdict = verdict_of(healthy_host(), VSS)

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.LIVE, Confidence.HIGH)
    assert verdict.sentence == "will stay online, application-consistent"


def test_on_path_wmi_a_service_that_answers_stands_in_for_the_guest_with_medium_confidence() -> None:
    verdict = verdict_of(unheard(healthy_host()), WMI)

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.LIVE, Confidence.MEDIUM)


def test_on_path_vss_a_service_that_answers_does_not_stand_in_for_the_guest() -> None:
    verdict = verdict_of(unheard(healthy_host()), VSS)

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.UNKNOWN, Confidence.NONE)
    assert verdict.host_side_ready
    assert verdict.sentence == "host side ready; guest not read"


def test_an_unread_guest_system_is_a_condition_of_the_guest_not_of_the_host() -> None:
    silent = with_guest(healthy_host(), os_name=None, os_version=None, os_platform=None)

    assert verdict_of(silent, VSS).verdict is VerdictWord.LIVE
    assert verdict_of(unheard(silent), WMI).verdict is VerdictWord.LIVE
    unread = verdict_of(unheard(silent), VSS)
    assert unread.host_side_ready
    assert "VM-GUESTOS" in unread.unknowns


@pytest.mark.parametrize(
    ("build", "path", "column"),
    [
        (SERVER_2008_R2, VSS, Column.SERVER_2008_R2),
        (SERVER_2012, VSS, Column.SERVER_2012),
        (SERVER_2012_R2, VSS, Column.SERVER_2012_R2),
        (20348, VSS, Column.SINCE_2016_VSS),
        (20348, WMI, Column.SINCE_2016_WMI),
    ],
)
def test_a_guest_nobody_was_given_access_to_has_no_results_and_its_conditions_stand_in_the_unknowns(
    build: int, path: BackupPath, column: Column
) -> None:
    host = healthy_host(build)
    verdict = verdict_of(host, path)

    guests = {rule_id for rule_id in verdict.unknowns if rule_id.startswith("G-")}
    assert guests == set(GUEST_CONDITIONS[column])
    reasons = dict(zip(verdict.unknowns, verdict.unknown_reasons, strict=True))
    assert {reasons[rule_id] for rule_id in guests} == {ASKED_BY_THE_WRITER}
    silent = verdict_of(without(host, Section.WRITERS), path)
    reasons = dict(zip(silent.unknowns, silent.unknown_reasons, strict=True))
    assert {reasons[rule_id] for rule_id in guests} == {NO_ACCESS}
    assert not [result for result in judge(host, path).results if result.rule.startswith("G-")]


@pytest.mark.parametrize(
    ("rule_id", "host"),
    [
        ("VM-ISBACKUP", with_vm(healthy_host(), integration=None)),
        ("VM-SNAPLOC", with_vm(healthy_host(), checkpoint_path=None)),
        ("VM-SCSI", with_vm(healthy_host(), generation=1, scsi_controllers=None)),
        ("VM-PASSTHRU", with_vm(healthy_host(), disks=None)),
        ("VM-SHARED", with_disk(healthy_host(), persistent_reservations=None)),
        ("VM-CHAIN", with_vms(healthy_host(), images=None)),
        ("VM-BUSY", with_vm(healthy_host(), operational_status=None)),
        ("VM-CKPT", with_vm(healthy_host(), checkpoint_type=None)),
        ("VM-CLUSTER", clustered_host(group={"owner_node": "HV0002"})),
        ("VOL-FREE", with_data_volume(healthy_host(), free_bytes=None)),
        ("VOL-FREE", with_volumes(healthy_host(), volumes=(volume(name="E:\\"),), mount_points=())),
        ("HOST-VMMS", without(healthy_host(), Section.SERVICES)),
        ("HOST-SVC", with_service(healthy_host(), "VSS", start_mode=None)),
        ("HOST-WRITER", with_writers(healthy_host(), writers=None)),
        ("HOST-RAM", with_identity(healthy_host(), free_memory_bytes=None)),
    ],
)
def test_a_condition_that_was_not_read_keeps_the_vm_from_being_live(rule_id: str, host: HostEvidence) -> None:
    verdict = verdict_of(host, VSS)

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.UNKNOWN, Confidence.NONE)
    assert rule_id in verdict.unknowns
    assert rule_id in verdict.sentence or rule_id == "VM-BUSY"
    assert not verdict.host_side_ready


READ_BY_RULES = [section for section in Section if any(section in rule.needs for rule in RULES.values())]


@pytest.mark.parametrize("section", READ_BY_RULES)
@pytest.mark.parametrize("status", [None, SectionStatus.ERROR, SectionStatus.DENIED, SectionStatus.TIMED_OUT])
def test_no_section_that_failed_makes_anything_pass(section: Section, status: SectionStatus | None) -> None:
    whole = judge(clustered_host(), NOT_KNOWN)
    part = judge(without(clustered_host(), section, status, "it broke"), NOT_KNOWN)

    passed = {(r.rule, r.subject_id) for r in whole.results if r.result is ResultWord.PASS}
    assert {(r.rule, r.subject_id) for r in part.results if r.result is ResultWord.PASS} <= passed
    assert part.crashes == []
    assert [r for r in part.results if r.result is ResultWord.UNKNOWN]
    assert all(r.reason for r in part.results if r.result is ResultWord.UNKNOWN)


def test_a_file_share_is_not_asked_for_room() -> None:
    share = "\\\\files01\\vms\\SQL01"
    host = with_vm(healthy_host(), checkpoint_path=share, configuration_path=share)
    host = with_vm(host, disks=(Disk(path=f"{share}\\a.vhdx", persistent_reservations=False),))

    verdict = verdict_of(host, WMI)

    assert "VOL-FREE" not in verdict.unknowns


def test_a_full_volume_takes_down_the_vms_on_it_and_no_other() -> None:
    elsewhere = vm(
        vm_id="other",
        name="OTHER",
        checkpoint_path="C:\\VMs",
        configuration_path="C:\\VMs",
        disks=(Disk(path="C:\\VMs\\a.vhdx", persistent_reservations=False),),
    )
    host = with_vms(healthy_host(), vms=(vm(), elsewhere), registered_count=2)
    host = with_data_volume(unheard(host), free_bytes=0)

    on_it, beside_it = judge(host, WMI).verdicts

    assert (on_it.verdict, on_it.causes) == (VerdictWord.BACKUP_FAILS, ("VOL-FREE",))
    assert "VOL-FREE" not in beside_it.causes


# 5. The writer's word on path vss


def test_offline_by_the_writer_without_a_failed_rule_is_saved_state_and_a_conflict() -> None:
    verdict = verdict_of(with_caption(healthy_host(SERVER_2012_R2), "Offline\\SQL01"))

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.SAVED_STATE, Confidence.MEDIUM)
    assert verdict.conflict
    assert verdict.causes == ()
    assert "the cause is inside the guest" in verdict.sentence


def test_offline_by_the_writer_with_a_failed_rule_is_no_conflict() -> None:
    verdict = verdict_of(
        with_caption(with_backup_service(healthy_host(SERVER_2012_R2), enabled=False), "Offline\\SQL01")
    )

    assert verdict.verdict is VerdictWord.SAVED_STATE
    assert verdict.causes == ("VM-ISBACKUP",)
    assert not verdict.conflict


def test_offline_by_the_writer_is_no_conflict_while_a_rule_could_not_be_read() -> None:
    verdict = verdict_of(with_caption(with_vm(healthy_host(), integration=None), "Offline\\SQL01"), VSS)

    assert verdict.verdict is VerdictWord.SAVED_STATE
    assert not verdict.conflict


def test_online_by_the_writer_against_a_failed_rule_is_live_and_a_conflict() -> None:
    verdict = verdict_of(with_backup_service(healthy_host(), enabled=False), VSS)

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.LIVE, Confidence.MEDIUM)
    assert verdict.conflict
    assert verdict.causes == ("VM-ISBACKUP",)


def test_the_writer_cannot_talk_away_a_backup_that_fails() -> None:
    verdict = verdict_of(with_disk(healthy_host(), persistent_reservations=True), VSS)

    assert verdict.verdict is VerdictWord.BACKUP_FAILS
    assert not verdict.conflict


def test_the_writers_word_says_nothing_about_path_wmi() -> None:
    verdict = verdict_of(with_caption(healthy_host(), "Offline\\SQL01"), WMI)

    assert verdict.verdict is VerdictWord.LIVE
    assert verdict.verdict_vss is VerdictWord.SAVED_STATE
    assert not verdict.conflict


@pytest.mark.parametrize(
    ("caption", "word"),
    [
        ("Online\\SQL01", WriterSays.ONLINE),
        ("ONLINE\\Offline\\SQL01", WriterSays.ONLINE),
        ("Backup Using Child Partition Snapshot\\SQL01", WriterSays.ONLINE),
        ("Offline\\i$", WriterSays.OFFLINE),
        ("backup using saved state\\SQL01", WriterSays.OFFLINE),
        ("En ligne\\SQL01", WriterSays.UNKNOWN),
        ("SQL01", WriterSays.UNKNOWN),
        ("", WriterSays.UNKNOWN),
        (None, WriterSays.UNKNOWN),
    ],
)
def test_the_writers_word_is_the_prefix_of_its_caption(caption: str | None, word: WriterSays) -> None:
    assert verdict_of(with_caption(healthy_host(), caption)).writer_says is word


def test_the_writer_and_the_vm_meet_by_guid_whatever_the_case() -> None:
    host = healthy_host()
    assert host.vms is not None and host.vms.vms
    shouting = with_vm(host, vm_id=host.vms.vms[0].vm_id.upper(), name="renamed")

    assert verdict_of(shouting).writer_says is WriterSays.ONLINE


@pytest.mark.parametrize(("first", "second"), [("Online", "Offline"), ("Offline", "Online")])
def test_a_writer_that_says_both_says_nothing(first: str, second: str) -> None:
    both = tuple(Component(vm_id=VM_ID, caption=f"{prefix}\\SQL01") for prefix in (first, second))

    assert verdict_of(with_writers(healthy_host(), components=both)).writer_says is WriterSays.UNKNOWN


def test_a_writer_that_was_not_asked_says_not_read() -> None:
    assert verdict_of(without(healthy_host(), Section.WRITERS)).writer_says is WriterSays.NOT_READ


# 6. Which path


@pytest.mark.parametrize("build", [SERVER_2008_R2, SERVER_2012, SERVER_2012_R2])
@pytest.mark.parametrize("path", list(BackupPath))
def test_up_to_2012_r2_there_is_only_path_vss(build: int, path: BackupPath) -> None:
    verdict = verdict_of(with_backup_service(unheard(healthy_host(build)), enabled=False), path)

    assert verdict.verdict_wmi is None
    assert verdict.verdict is verdict.verdict_vss is VerdictWord.SAVED_STATE
    assert verdict.confidence in (Confidence.HIGH, Confidence.MEDIUM)
    assert not verdict.depends_on_backup_path


def test_with_the_path_unknown_the_worse_verdict_is_told_with_low_confidence_and_the_one_action() -> None:
    verdict = verdict_of(with_backup_service(unheard(healthy_host()), enabled=False))

    assert (verdict.verdict_vss, verdict.verdict_wmi) == (VerdictWord.SAVED_STATE, VerdictWord.CRASH_CONSISTENT)
    assert (verdict.verdict, verdict.confidence) == (VerdictWord.SAVED_STATE, Confidence.LOW)
    assert verdict.depends_on_backup_path
    assert "set the backup path" in verdict.sentence


def test_unknown_ranks_between_crash_consistent_and_live() -> None:
    verdict = verdict_of(unheard(healthy_host()))

    assert (verdict.verdict_vss, verdict.verdict_wmi) == (VerdictWord.UNKNOWN, VerdictWord.LIVE)
    assert (verdict.verdict, verdict.confidence) == (VerdictWord.UNKNOWN, Confidence.NONE)
    assert verdict.depends_on_backup_path
    assert verdict.host_side_ready


def test_with_the_path_unknown_two_equal_verdicts_depend_on_nothing_but_are_of_low_confidence() -> None:
    verdict = verdict_of(healthy_host())

    assert verdict.verdict_vss is verdict.verdict_wmi is verdict.verdict is VerdictWord.LIVE
    assert verdict.confidence is Confidence.LOW
    assert not verdict.depends_on_backup_path


@pytest.mark.parametrize("path", [VSS, WMI])
def test_with_the_path_known_both_verdicts_are_still_stored(path: BackupPath) -> None:
    verdict = verdict_of(with_backup_service(unheard(healthy_host()), enabled=False), path)

    assert verdict.verdict_vss is VerdictWord.SAVED_STATE
    assert verdict.verdict_wmi is VerdictWord.CRASH_CONSISTENT
    assert verdict.verdict is (verdict.verdict_vss if path is VSS else verdict.verdict_wmi)
    assert not verdict.depends_on_backup_path


# 7. Witnesses


@pytest.mark.parametrize("caption", ["Online\\SQL01", "Offline\\SQL01", "Hors ligne\\SQL01"])
def test_the_writers_word_is_never_counted_a_second_time_as_a_cause(caption: str) -> None:
    verdict = verdict_of(with_caption(healthy_host(), caption))

    assert "HOST-CAPTION" not in (*verdict.causes, *verdict.unknowns)


@pytest.mark.parametrize("path", BackupPath)
def test_what_happened_stands_beside_the_prediction_and_never_changes_it(path: BackupPath) -> None:
    quiet = verdict_of(healthy_host(), path)
    proven = verdict_of(host_that_logged(backup_started("22:00:40"), *nine_seconds(), backup_ended("22:41:00")), path)

    assert (quiet.observed, proven.observed) == (Observed.NONE_SEEN, Observed.SAVED)
    assert structs.replace(proven, observed=quiet.observed, observed_reason=quiet.observed_reason) == quiet


# Hosts that the table does not know


def test_client_windows_is_named_as_such_and_never_green() -> None:
    client = with_identity(healthy_host(), product_type=1)

    verdict = verdict_of(client)

    assert verdict.verdict is VerdictWord.UNKNOWN
    assert verdict.verdict_wmi is None
    assert (verdict.causes, verdict.unknowns) == ((), ("HOST-SKU",))
    assert verdict.sentence == "no source says what this does here"
    failing = [result.rule for result in judge(client).results if result.result is ResultWord.FAIL]
    assert failing == ["HOST-SKU"]


def test_a_vm_that_is_off_on_client_windows_is_already_offline() -> None:
    client = with_identity(with_vm(healthy_host(), state=3), product_type=1)

    assert verdict_of(client).verdict is VerdictWord.ALREADY_OFFLINE


def test_without_the_windows_version_nothing_is_promised() -> None:
    verdict = verdict_of(without(healthy_host(), Section.IDENTITY))

    assert (verdict.verdict, verdict.verdict_wmi) == (VerdictWord.UNKNOWN, None)
    assert "Windows version not known" in verdict.unknown_reasons[0]


def test_a_vm_that_was_never_described_is_unknown_not_live() -> None:
    bare: dict[str, Any] = {
        name: None for name in type(vm()).__struct_fields__ if name not in ("vm_id", "name", "state")
    }

    verdict = verdict_of(with_vm(healthy_host(), **bare))

    assert verdict.verdict is VerdictWord.UNKNOWN


def test_unknowns_and_their_reasons_run_in_parallel() -> None:
    verdict = verdict_of(structs.replace(healthy_host(), vss_events=None, services=None))

    assert len(verdict.unknowns) == len(verdict.unknown_reasons)
    assert all(verdict.unknown_reasons)


def test_a_disk_that_others_share_as_parent_is_counted_where_it_lies() -> None:
    parent = "C:\\Templates\\base.vhdx"
    host = with_image(healthy_host(), structs.replace(_image_of(healthy_host()), path=parent), kind=4)
    host = with_image(host, structs.replace(_image_of(host), path=parent, kind=3), parent_path=parent)
    full = with_volumes(
        host,
        volumes=(volume(), volume(volume_id="\\\\?\\Volume{c}\\", name="C:\\", free_bytes=0)),
        mount_points=(),
    )

    assert verdict_of(unheard(full), WMI).causes == ("VOL-FREE",)


def _image_of(host: HostEvidence) -> Any:
    assert host.vms is not None and host.vms.images
    assert host.vms.images[0].path == DISK_PATH
    return host.vms.images[0]
