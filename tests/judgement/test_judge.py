"""judge() as a whole: crashes, incomplete lists, hosts' clocks, and the names of subjects."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from msgspec import structs

from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.vms import Checkpoint
from audits.judgement.judge import judge
from audits.judgement.result import Statement, passed
from audits.judgement.rules import RULES
from audits.judgement.view import HostView
from audits.judgement.words import BackupPath, ResultWord, Scope, Section, VerdictWord
from tests.judgement.hosts import VM_ID, healthy_host, vm, with_identity, with_vm, with_vms, without

TWO_VMS = with_vms(healthy_host(), vms=(vm(), vm(vm_id="second", name="APP01")), registered_count=2)


def _crashes_at_the_second_vm(host: HostView) -> Iterator[Statement]:
    yield passed(host.vms[0])
    raise ZeroDivisionError("a broken rule")


@pytest.fixture
def broken_rule(monkeypatch: pytest.MonkeyPatch) -> str:
    rule = structs.replace(RULES["VM-ISBACKUP"], check=_crashes_at_the_second_vm)
    monkeypatch.setitem(RULES, "VM-ISBACKUP", rule)
    return rule.id


def test_a_rule_that_crashes_leaves_errors_where_it_did_not_get_and_stops_no_other(broken_rule: str) -> None:
    judgement = judge(TWO_VMS, BackupPath.VSS)

    words = {result.subject_id: result.result for result in judgement.results if result.rule == broken_rule}
    assert words == {VM_ID: ResultWord.PASS, "second": ResultWord.ERROR}
    assert {result.rule for result in judgement.results} == {id for id in RULES if not RULES[id].is_about_guests}
    [crash] = judgement.crashes
    assert (crash.rule, type(crash.error)) == (broken_rule, ZeroDivisionError)


def test_a_rule_that_crashed_makes_no_vm_green(broken_rule: str) -> None:
    verdict = judge(TWO_VMS, BackupPath.VSS).verdicts[1]

    assert verdict.verdict is VerdictWord.UNKNOWN
    assert broken_rule in verdict.unknowns


def test_an_empty_list_beside_registered_vms_is_no_proof_of_no_vms() -> None:
    judgement = judge(with_vms(healthy_host(), vms=(), registered_count=3))

    assert not judgement.saw_all_vms
    [result] = [result for result in judgement.results if result.rule == "VM-RUN"]
    assert (result.subject_type, result.result) == (Scope.HOST, ResultWord.UNKNOWN)
    assert "3 VMs registered; the account was shown 0" in (result.reason or "")


def test_an_empty_list_without_a_count_is_no_proof_either() -> None:
    assert not judge(with_vms(healthy_host(), vms=(), registered_count=None)).saw_all_vms


def test_a_host_without_vms_is_a_whole_answer() -> None:
    judgement = judge(with_vms(healthy_host(), vms=(), registered_count=0))

    assert judgement.saw_all_vms
    assert judgement.verdicts == []
    assert not [result for result in judgement.results if result.result is ResultWord.UNKNOWN]


def test_a_list_of_vms_that_did_not_arrive_is_said_once_per_rule() -> None:
    judgement = judge(without(healthy_host(), Section.VMS, None))

    about_vms = [result for result in judgement.results if RULES[result.rule].scope is Scope.VM]
    assert {result.subject_type for result in about_vms} == {Scope.HOST}
    assert {result.reason for result in about_vms} == {"section vms did not arrive"}
    assert not judgement.saw_all_vms


def test_one_guid_reported_twice_is_one_vm() -> None:
    judgement = judge(with_vms(healthy_host(), vms=(vm(), vm(name="again")), registered_count=2))

    assert [verdict.vm for verdict in judgement.verdicts] == ["SQL01"]


def test_every_subject_has_one_result_per_rule() -> None:
    keys = [(result.rule, result.subject_type, result.subject_id) for result in judge(TWO_VMS).results]

    assert len(keys) == len(set(keys))


def test_host_results_carry_the_id_and_name_they_were_given() -> None:
    judgement = judge(healthy_host(), host_id="0b8e", host_name="hv0001.contoso.lab")

    hosts = {(r.subject_id, r.subject) for r in judgement.results if r.subject_type is Scope.HOST}
    assert hosts == {("0b8e", "hv0001.contoso.lab")}


def _with_old_backup(host: HostEvidence) -> HostEvidence:
    return with_vm(host, checkpoints=(Checkpoint(checkpoint_id="c", kind=1, created_at="2026-11-20T02:00:00Z"),))


def _leftover(host: HostEvidence, now: datetime | None = None) -> ResultWord:
    [result] = [result for result in judge(host, now=now).results if result.rule == "VM-LEFTOVER"]
    return result.result


def test_ages_are_measured_with_the_hosts_own_clock() -> None:
    an_hour_later = with_identity(_with_old_backup(healthy_host()), now_at="2026-11-20T03:00:00Z")

    assert _leftover(an_hour_later) is ResultWord.PASS
    assert _leftover(an_hour_later, datetime(2026, 11, 23, tzinfo=UTC)) is ResultWord.FAIL


@pytest.mark.parametrize("clock", [None, "yesterday"])
def test_without_a_clock_ages_are_unknown(clock: str | None) -> None:
    assert _leftover(with_identity(_with_old_backup(healthy_host()), now_at=clock)) is ResultWord.UNKNOWN
