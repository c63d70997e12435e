"""What is stored when a host is audited again: only what changed, never less than what was known."""

import pytest

from audits.judgement.outcomes import Outcome
from audits.judgement.words import Section
from audits.models import (
    EvidenceDocument,
    HostAudit,
    Result,
    ResultInterval,
    RunRollup,
    Verdict,
    VerdictInterval,
    WriterInterval,
)
from audits.services import start_run
from fleet.models import VirtualMachine
from simulator import windows
from tests.audits.judged import audit_as
from tests.audits.world import a_customer, a_host, claimed, end_with, known_state

pytestmark = pytest.mark.django_db

HEALTHY = windows.host("hv01", vms=[windows.vm("SQL01"), windows.vm("WEB01")])
WITHOUT_BACKUP_SERVICE = windows.host("hv01", vms=[windows.vm("SQL01", backup_service=False), windows.vm("WEB01")])


def finding(rule: str, subject: str) -> Result:
    return Result.objects.get(rule=rule, subject=subject)


def test_an_audit_leaves_a_result_per_rule_and_a_verdict_per_vm() -> None:
    host = a_host()
    audit_as(host, WITHOUT_BACKUP_SERVICE)
    assert finding("VM-ISBACKUP", "SQL01").result == "fail"
    assert finding("VM-ISBACKUP", "WEB01").result == "pass"
    assert sorted(Verdict.objects.values_list("name", flat=True)) == ["SQL01", "WEB01"]


def test_an_unchanged_host_is_written_once() -> None:
    host = a_host()
    first = audit_as(host, HEALTHY)
    second = audit_as(host, HEALTHY)
    assert set(Result.objects.values_list("run_id", flat=True)) == {first.pk}
    assert set(Verdict.objects.values_list("run_id", flat=True)) == {first.pk}
    assert not ResultInterval.objects.exists()
    assert not VerdictInterval.objects.exists()
    assert EvidenceDocument.objects.count() == len(EvidenceDocument.objects.values("section").distinct())
    assert known_state(host).evidence_run_id == second.pk


def test_each_run_has_its_rollup_whether_anything_changed_or_not() -> None:
    host = a_host()
    runs = [audit_as(host, WITHOUT_BACKUP_SERVICE) for _ in range(2)]
    for run in runs:
        row = RunRollup.objects.get(run=run, rule="VM-ISBACKUP")
        assert (row.passed, row.failed) == (1, 1)


def test_two_hosts_with_equal_sections_share_their_evidence() -> None:
    customer = a_customer()
    audit_as(a_host(customer, "hv01"), HEALTHY)
    before = EvidenceDocument.objects.count()
    audit_as(a_host(customer, "hv02"), HEALTHY)
    assert EvidenceDocument.objects.count() == before


def test_a_change_ends_an_interval_and_starts_another() -> None:
    host = a_host()
    audit_as(host, WITHOUT_BACKUP_SERVICE)
    broken = finding("VM-ISBACKUP", "SQL01")
    run = audit_as(host, HEALTHY)
    mended = finding("VM-ISBACKUP", "SQL01")
    assert (mended.result, mended.pk) == ("pass", broken.pk)
    interval = ResultInterval.objects.get(rule="VM-ISBACKUP")
    assert (interval.result, interval.from_at, interval.ended_by_run_id) == ("fail", broken.first_seen_at, run.pk)
    assert mended.first_seen_at == interval.to_at


def test_a_verdict_that_changes_keeps_its_history() -> None:
    host = a_host()
    audit_as(host, WITHOUT_BACKUP_SERVICE)
    was = Verdict.objects.get(name="SQL01")
    audit_as(host, HEALTHY)
    now = Verdict.objects.get(name="SQL01")
    interval = VerdictInterval.objects.get(virtual_machine=was.virtual_machine)
    assert (interval.verdict, interval.became) == (was.verdict, now.verdict)
    assert was.verdict != now.verdict


def test_what_the_writer_said_keeps_its_history_beside_the_verdict() -> None:
    host = a_host()
    audit_as(host, HEALTHY)
    audit_as(host, HEALTHY)
    was = Verdict.objects.get(name="SQL01")
    offline = windows.host("hv01", vms=[windows.vm("SQL01", caption="Offline\\SQL01"), windows.vm("WEB01")])
    audit_as(host, offline)
    now = Verdict.objects.get(name="SQL01")
    interval = WriterInterval.objects.get()
    assert (interval.virtual_machine_id, interval.writer_says, interval.became) == (was.pk, "online", "offline")
    assert (interval.from_at, interval.to_at) == (was.writer_since_at, now.writer_since_at)


def test_the_writers_last_word_on_a_vm_that_is_gone_is_kept() -> None:
    host = a_host()
    audit_as(host, HEALTHY)
    audit_as(host, windows.host("hv01", vms=[windows.vm("WEB01", vm_id=HEALTHY.vms[1].vm_id)]))
    assert (WriterInterval.objects.get().writer_says, WriterInterval.objects.get().became) == ("online", "gone")


def test_an_unknown_keeps_the_last_known_result_and_resolves_nothing() -> None:
    host = a_host()
    audit_as(host, WITHOUT_BACKUP_SERVICE)
    known = finding("HOST-SVC", "hv01")
    audit_as(host, WITHOUT_BACKUP_SERVICE, failing=[Section.SERVICES])
    unknown = finding("HOST-SVC", "hv01")
    assert (unknown.result, unknown.known_result, unknown.known_at) == ("unknown", known.result, known.read_at)
    assert unknown.reason
    audit_as(host, WITHOUT_BACKUP_SERVICE, failing=[Section.SERVICES])
    assert finding("HOST-SVC", "hv01").known_result == known.result


def test_vms_that_could_not_be_read_keep_results_and_verdicts() -> None:
    host = a_host()
    first = audit_as(host, WITHOUT_BACKUP_SERVICE)
    audit_as(host, WITHOUT_BACKUP_SERVICE, failing=[Section.VMS])
    assert finding("VM-ISBACKUP", "SQL01").result == "fail"
    assert set(Verdict.objects.values_list("run_id", flat=True)) == {first.pk}
    vms = known_state(host).sections["vms"]
    assert (vms["status"], vms["run_id"]) == ("error", str(first.pk))


def test_a_denied_host_keeps_its_evidence() -> None:
    host = a_host()
    first = audit_as(host, WITHOUT_BACKUP_SERVICE)
    end_with(claimed(start_run(None, hosts=[host]), host), host, Outcome.DENIED, "certificate_changed")
    state = known_state(host)
    assert (state.last_outcome, state.last_cause, state.evidence_run_id) == ("denied", "certificate_changed", first.pk)
    assert Verdict.objects.count() == 2
    assert finding("VM-ISBACKUP", "SQL01").result == "fail"


def test_a_vm_that_is_gone_leaves_only_its_history() -> None:
    host = a_host()
    audit_as(host, WITHOUT_BACKUP_SERVICE)
    audit_as(host, windows.host("hv01", vms=[windows.vm("WEB01", vm_id=HEALTHY.vms[1].vm_id)]))
    assert list(Verdict.objects.values_list("name", flat=True)) == ["WEB01"]
    assert not Result.objects.filter(subject="SQL01").exists()
    assert VerdictInterval.objects.get(became="gone").virtual_machine.guid == HEALTHY.vms[0].vm_id
    assert VirtualMachine.objects.count() == 2


def test_the_same_guid_on_another_host_is_another_vm() -> None:
    customer = a_customer()
    audit_as(a_host(customer, "hv01"), HEALTHY)
    audit_as(a_host(customer, "hv02"), HEALTHY)
    assert VirtualMachine.objects.filter(guid=HEALTHY.vms[0].vm_id).count() == 2
    assert Verdict.objects.count() == 4


def test_a_new_backup_path_changes_verdicts_at_the_next_audit() -> None:
    host = a_host()
    audit_as(host, HEALTHY)
    host.backup_path = "vss"
    host.save()
    audit_as(host, HEALTHY)
    assert set(Verdict.objects.values_list("backup_path", flat=True)) == {"vss"}


def test_the_hosts_counters_count_its_current_vms() -> None:
    host = a_host()
    audit_as(host, WITHOUT_BACKUP_SERVICE)
    state = known_state(host)
    words = list(Verdict.objects.values_list("verdict", flat=True))
    assert state.saved_state_vms == words.count("saved_state") > 0
    assert state.unknown_vms + state.live_vms + state.saved_state_vms == 2
    assert state.failing_results == Result.objects.filter(result__in=("fail", "error")).count()


def test_a_host_that_names_a_vm_twice_is_believed_once() -> None:
    host = a_host()
    twin = windows.vm("SQL01", vm_id=HEALTHY.vms[0].vm_id)
    audit_as(host, windows.host("hv01", vms=[*HEALTHY.vms, twin]))
    assert HostAudit.objects.get(host=host).state == "succeeded"
    assert Verdict.objects.filter(virtual_machine__guid=HEALTHY.vms[0].vm_id).count() == 1
