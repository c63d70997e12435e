"""The writer against the rules: the conflict is a finding of its own, with the words that say where to look."""

import pytest

from audits.judgement.evidence import HostEvidence
from audits.judgement.judge import judge
from audits.judgement.result import Result
from audits.judgement.vm_verdict import VMVerdict
from audits.judgement.words import BackupPath, ResultWord, Section
from tests.judgement.hosts import (
    SERVER_2012,
    SERVER_2012_R2,
    SERVER_2022,
    healthy_host,
    with_backup_service,
    with_caption,
    with_vm,
    without,
)

INSIDE_THE_GUEST = "the writer says offline although every condition on the host holds: the cause is inside the guest"


def judged(host: HostEvidence, path: BackupPath = BackupPath.VSS) -> tuple[Result, VMVerdict]:
    judgement = judge(host, path)
    [caption] = [result for result in judgement.results if result.rule == "HOST-CAPTION"]
    return caption, judgement.verdicts[0]


@pytest.mark.parametrize("build", [SERVER_2012, SERVER_2012_R2, SERVER_2022])
def test_offline_with_every_host_rule_passing_says_that_the_cause_is_inside_the_guest(build: int) -> None:
    finding, verdict = judged(with_caption(healthy_host(build), "Offline\\SQL01"))
    assert (finding.result, finding.measured) == (ResultWord.FAIL, INSIDE_THE_GUEST)
    assert verdict.conflict
    assert INSIDE_THE_GUEST in verdict.sentence


def test_online_with_a_failing_rule_names_the_rule() -> None:
    finding, verdict = judged(with_backup_service(healthy_host(), enabled=False))
    assert finding.result is ResultWord.FAIL
    assert finding.measured == "the writer says online although VM-ISBACKUP fails"
    assert finding.measured in verdict.sentence


def test_several_failing_rules_are_named_in_their_order() -> None:
    host = with_vm(healthy_host(SERVER_2012), checkpoint_path="C:\\Checkpoints")
    finding, _ = judged(with_backup_service(host, enabled=False))
    assert finding.measured == "the writer says online although VM-ISBACKUP and VM-SNAPLOC fail"


def test_agreement_is_no_such_finding() -> None:
    finding, verdict = judged(healthy_host())
    assert (finding.result, verdict.disagreement) == (ResultWord.PASS, None)
    finding, verdict = judged(with_caption(with_backup_service(healthy_host(), enabled=False), "Offline\\SQL01"))
    assert (finding.measured, verdict.disagreement) == ("the writer says offline", None)


def test_an_unread_condition_is_no_disagreement() -> None:
    finding, verdict = judged(with_caption(without(healthy_host(), Section.SERVICES), "Offline\\SQL01"))
    assert (finding.measured, verdict.disagreement, verdict.conflict) == ("the writer says offline", None, False)


def test_the_finding_is_about_the_writer_whatever_path_is_set_and_the_verdict_only_on_its_own_path() -> None:
    host = with_caption(healthy_host(), "Offline\\SQL01")
    on_vss, on_wmi = judged(host, BackupPath.VSS), judged(host, BackupPath.WMI)
    assert on_vss[0] == on_wmi[0]
    assert (on_vss[1].conflict, on_wmi[1].conflict) == (True, False)
    assert "disagree" not in on_wmi[1].sentence
