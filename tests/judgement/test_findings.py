"""What changed between two audits: transitions, refreshed values, what is kept, and what is gone."""

import pytest

from audits.judgement.evidence import HostEvidence
from audits.judgement.findings import Changes, Key, PreviousResult, digest, key_of, reconcile
from audits.judgement.judge import judge
from audits.judgement.rules import RULES
from audits.judgement.words import ResultWord, Scope, Section, SectionStatus, Severity
from tests.judgement.hosts import (
    GIB,
    VM_ID,
    healthy_host,
    with_backup_service,
    with_data_volume,
    with_identity,
    with_vm,
    with_vms,
    with_volumes,
    without,
)

ALL = tuple(Section)
ISBACKUP = Key("VM-ISBACKUP", Scope.VM, VM_ID)


def stored(host: HostEvidence) -> dict[Key, PreviousResult]:
    return {
        key_of(result): PreviousResult(
            result=result.result,
            severity=result.severity,
            confidence=result.confidence,
            subject=result.subject,
            measured=result.measured,
            reason=result.reason,
            fix=result.fix,
        )
        for result in judge(host).results
    }


def changes(
    before: HostEvidence | None, after: HostEvidence, read: tuple[Section, ...] = ALL, *, whole: bool = True
) -> Changes:
    previous = stored(before) if before is not None else {}
    return reconcile(previous, judge(after).results, read, saw_whole_home=whole)


def all_but(section: Section) -> tuple[Section, ...]:
    return tuple(each for each in ALL if each is not section)


def test_the_first_audit_inserts_everything() -> None:
    found = changes(None, healthy_host())

    assert len(found.inserted) == len(judge(healthy_host()).results)
    assert (found.changed, found.refreshed, found.kept, found.gone, found.same) == ([], [], [], [], 0)


def test_an_unchanged_host_has_nothing_to_write() -> None:
    found = changes(healthy_host(), healthy_host())

    assert (found.inserted, found.changed, found.refreshed, found.kept, found.gone) == ([], [], [], [], [])
    assert found.same == len(judge(healthy_host()).results)


def test_another_result_closes_one_interval_and_opens_the_next() -> None:
    found = changes(healthy_host(), with_backup_service(healthy_host(), enabled=False))

    change = next(change for change in found.changed if change.key == ISBACKUP)
    assert (change.previous.result, change.now.result) == (ResultWord.PASS, ResultWord.FAIL)


def test_another_severity_is_a_transition() -> None:
    found = changes(
        with_data_volume(healthy_host(), free_bytes=150 * GIB), with_data_volume(healthy_host(), free_bytes=50 * GIB)
    )

    [change] = found.changed
    assert (change.previous.severity, change.now.severity) == (Severity.INFO, Severity.WARNING)


def test_a_new_measured_value_is_refreshed_and_no_transition() -> None:
    found = changes(
        with_data_volume(healthy_host(), free_bytes=150 * GIB), with_data_volume(healthy_host(), free_bytes=140 * GIB)
    )

    assert found.changed == []
    [refreshed] = found.refreshed
    assert refreshed.now.measured == "14 % free (140 GB)"


def test_a_new_name_is_refreshed_and_no_transition() -> None:
    found = changes(healthy_host(), with_vm(healthy_host(), name="SQL02"))

    assert found.changed == []
    assert {refreshed.now.subject for refreshed in found.refreshed} == {"SQL02"}


def test_another_reason_for_not_knowing_is_another_cause() -> None:
    denied = without(healthy_host(), Section.SERVICES, SectionStatus.DENIED, "no rights")
    timed_out = without(healthy_host(), Section.SERVICES, SectionStatus.TIMED_OUT, "timed out after 20 s")

    found = changes(denied, timed_out)

    assert {change.key.rule for change in found.changed} == {"HOST-VMMS", "HOST-SVC"}


def test_an_unknown_that_replaces_a_failure_keeps_the_last_known_one() -> None:
    before = with_backup_service(healthy_host(), enabled=False)

    found = changes(before, with_vm(healthy_host(), integration=None))

    kept = next(kept for kept in found.kept if kept.key == ISBACKUP)
    assert kept.previous.result is ResultWord.FAIL
    assert kept.now is not None and kept.now.result is ResultWord.UNKNOWN
    assert ISBACKUP not in {change.key for change in found.changed}


def test_what_is_known_after_having_been_unknown_is_a_transition() -> None:
    found = changes(with_vm(healthy_host(), integration=None), healthy_host())

    assert ISBACKUP in {change.key for change in found.changed}


@pytest.mark.parametrize("section", list(Section))
def test_a_section_that_failed_closes_and_removes_nothing(section: Section) -> None:
    found = changes(healthy_host(), without(healthy_host(), section), all_but(section))

    assert found.changed == []
    assert found.gone == []
    assert found.kept or section is Section.CLUSTER


def test_a_list_of_volumes_that_failed_inside_a_section_that_ended_well_removes_no_volume() -> None:
    found = changes(healthy_host(), with_volumes(healthy_host(), volumes=None))

    assert not [key for key in found.gone if key.subject_type is Scope.VOLUME]
    assert {kept.key.rule for kept in found.kept if kept.key.subject_type is Scope.VOLUME} >= {"VOL-FS", "VOL-FREE"}


def test_a_volume_that_is_not_there_any_more_is_gone() -> None:
    host = healthy_host()
    assert host.volumes is not None and host.volumes.volumes
    found = changes(host, with_volumes(host, volumes=host.volumes.volumes[:1]))

    assert {key.rule for key in found.gone} == {"VOL-FS", "VOL-SHADOW", "VOL-FREE", "VOL-CSV"}


def test_a_vm_is_gone_when_its_whole_home_was_read() -> None:
    empty = with_vms(healthy_host(), vms=(), registered_count=0)

    found = changes(healthy_host(), empty, whole=True)

    vm_rules = {rule.id for rule in RULES.values() if rule.scope is Scope.VM}
    assert {key.rule for key in found.gone if key.subject_type is Scope.VM} == vm_rules


def test_a_vm_is_not_gone_while_a_node_of_its_home_was_not_read() -> None:
    found = changes(healthy_host(), with_vms(healthy_host(), vms=(), registered_count=0), whole=False)

    assert found.gone == []
    assert all(kept.now is None for kept in found.kept)


def test_a_vm_that_the_account_was_not_shown_is_not_gone() -> None:
    found = changes(healthy_host(), with_vms(healthy_host(), vms=(), registered_count=1), whole=True)

    assert not [key for key in found.gone if key.subject_type is Scope.VM]


def test_the_complaint_about_a_missing_list_is_gone_when_the_list_arrives() -> None:
    blind = without(healthy_host(), Section.VMS)

    found = changes(blind, healthy_host(), whole=False)

    assert Key("VM-RUN", Scope.HOST, "host") in found.gone


def test_the_results_of_a_rule_that_was_removed_are_gone() -> None:
    old = PreviousResult(
        result=ResultWord.FAIL,
        severity=Severity.INFO,
        confidence=judge(healthy_host()).results[0].confidence,
        subject="SQL01",
    )
    key = Key("VM-REMOVED", Scope.VM, VM_ID)

    found = reconcile({key: old}, [], ALL, saw_whole_home=True)

    assert found.gone == [key]


def test_every_key_is_told_exactly_once() -> None:
    before = with_backup_service(healthy_host(), enabled=False)
    after = without(with_vm(healthy_host(), checkpoint_type=2), Section.WRITERS)

    found = changes(before, after, all_but(Section.WRITERS))

    told = [key_of(result) for result in found.inserted]
    told += [change.key for change in found.changed] + [refreshed.key for refreshed in found.refreshed]
    told += [kept.key for kept in found.kept] + found.gone
    assert len(told) == len(set(told))
    assert len(told) + found.same == len({*stored(before), *stored(after)})


def test_equal_judgements_have_one_digest() -> None:
    assert digest(judge(healthy_host())) == digest(judge(healthy_host()))


def test_a_clock_that_moved_on_changes_no_digest() -> None:
    later = with_identity(healthy_host(), now_at="2026-11-24T02:00:00Z")

    assert digest(judge(later)) == digest(judge(healthy_host()))


@pytest.mark.parametrize(
    "other",
    [
        with_vm(healthy_host(), name="SQL02"),
        with_data_volume(healthy_host(), free_bytes=400 * GIB),
        with_backup_service(healthy_host(), enabled=False),
    ],
)
def test_anything_that_has_to_be_written_changes_the_digest(other: HostEvidence) -> None:
    assert digest(judge(other)) != digest(judge(healthy_host()))
