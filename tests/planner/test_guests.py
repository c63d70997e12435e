"""Plans for guests that were read: their conditions are steps like any other, on the guest."""

from msgspec import structs

from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.guests import GuestDisk
from audits.judgement.judge import judge
from audits.judgement.planner.plan import HostPlan, plan_host
from audits.judgement.words import BackupPath, Confidence, ResultWord, VerdictWord
from tests.judgement.hosts import (
    SERVER_2012_R2,
    healthy_host,
    with_backup_service,
    with_caption,
    with_guest_service,
    with_inside,
)

LOST = 13


def plan(host: HostEvidence, path: BackupPath = BackupPath.VSS) -> HostPlan:
    judgement = judge(host, path)
    assert judgement.verdicts[0].verdict is not VerdictWord.LIVE
    return plan_host(judgement)


def steps(found: HostPlan) -> list[str]:
    [need] = found.needs
    return [step.rule for step in need.steps]


def test_a_dynamic_disk_in_a_guest_that_was_read_explains_the_writers_offline() -> None:
    host = with_caption(with_inside(healthy_host(SERVER_2012_R2)), "Offline\\SQL01")
    dynamic = (GuestDisk(number=1, bus_type=10, partition_style=2, is_dynamic=True),)
    found = plan(with_inside(host, disks=dynamic))
    assert steps(found) == ["G-LDM"]
    [suggestion] = found.suggestions
    assert suggestion.off == (found.needs[0].vm_id,)
    assert suggestion.confidence is Confidence.MEDIUM


def test_a_disabled_service_in_the_guest_is_the_reason_why_it_does_not_answer_and_is_mended_once() -> None:
    host = with_backup_service(with_inside(healthy_host(SERVER_2012_R2)), primary_status=LOST)
    host = with_caption(with_guest_service(host, "vmicvss", start_mode="Disabled", state="Stopped"), "Offline\\SQL01")
    found = plan(host)
    assert steps(found) == ["G-VMICVSS"]
    assert {rule for rule, _ in found.needs[0].steps[0].mends} == {"G-VMICVSS", "VM-ISSTATE"}
    assert found.suggestions[0].minutes == 15


def test_a_cause_inside_the_guest_stands_beside_one_on_the_host() -> None:
    host = with_inside(with_backup_service(healthy_host(SERVER_2012_R2), enabled=False))
    host = with_caption(with_guest_service(host, "VSS", start_mode="Disabled"), "Offline\\SQL01")
    assert steps(plan(host)) == ["VM-ISBACKUP", "G-SVC"]


def test_an_offline_that_no_rule_explains_inside_the_guest_either_is_not_plannable() -> None:
    host = with_caption(with_inside(healthy_host(SERVER_2012_R2)), "Offline\\SQL01")
    assert plan(host).needs == ()


def test_a_rule_that_crashed_is_never_promised_away() -> None:
    host = with_caption(with_backup_service(healthy_host(), enabled=False), "Offline\\SQL01")
    judgement = judge(host, BackupPath.VSS)
    broken = [
        structs.replace(result, result=ResultWord.ERROR, reason="the rule crashed")
        if result.rule == "VM-CHAIN"
        else result
        for result in judgement.results
    ]
    found = plan_host(structs.replace(judgement, results=broken))
    assert found.needs == ()
    assert found.not_plannable[0].unknowns == ("VM-CHAIN",)
