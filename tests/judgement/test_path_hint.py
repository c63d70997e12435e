"""What the evidence hints about the backup path: the signs, their limits, and a customer's hosts together."""

import pytest
from msgspec import structs

from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.cluster import ClusterNode
from audits.judgement.path_hint import PathHint, hint_for_customer, hint_for_host
from audits.judgement.words import BackupPath, Confidence, Section
from tests.judgement.hosts import (
    SERVER_2008_R2,
    SERVER_2012,
    SERVER_2012_R2,
    VM_ID,
    clustered_host,
    healthy_host,
    vm,
    with_cluster,
    with_events,
    with_identity,
    with_vm,
    with_vms,
    without,
)

OTHER = "00000000-0000-4000-8000-000000000002"


def told(hint: PathHint) -> tuple[BackupPath, Confidence]:
    return hint.path, hint.confidence


def tracked(*vm_ids: str) -> HostEvidence:
    return with_vms(healthy_host(), rct_vm_ids=vm_ids)


@pytest.mark.parametrize("build", [SERVER_2008_R2, SERVER_2012, SERVER_2012_R2])
def test_before_2016_there_is_one_path_and_no_doubt(build: int) -> None:
    assert told(hint_for_host(healthy_host(build))) == (BackupPath.VSS, Confidence.HIGH)


def test_reference_points_of_change_tracking_on_every_running_vm_suggest_wmi() -> None:
    hint = hint_for_host(tracked(VM_ID.upper()))
    assert told(hint) == (BackupPath.WMI, Confidence.MEDIUM)
    assert "1 of 1 running VMs" in hint.reasons[0]


def test_on_some_vms_only_they_suggest_less() -> None:
    host = with_vms(tracked(VM_ID), vms=(vm(), vm(vm_id=OTHER)), registered_count=2)
    assert told(hint_for_host(host)) == (BackupPath.WMI, Confidence.LOW)


def test_reference_points_of_a_vm_that_is_off_suggest_nothing() -> None:
    assert hint_for_host(with_vm(tracked(VM_ID), state=3)).path is BackupPath.UNKNOWN


def test_reference_points_of_hyper_v_replica_suggest_nothing() -> None:
    hint = hint_for_host(with_vms(healthy_host(), reference_point_vm_ids=(VM_ID,), rct_vm_ids=()))
    assert told(hint) == (BackupPath.UNKNOWN, Confidence.NONE)


def test_their_absence_is_no_proof_of_the_other_path() -> None:
    hint = hint_for_host(tracked())
    assert told(hint) == (BackupPath.UNKNOWN, Confidence.NONE)
    assert "proves nothing" in hint.reasons[0]


@pytest.mark.parametrize("host", [with_vms(healthy_host(), rct_vm_ids=None), without(healthy_host(), Section.VMS)])
def test_what_was_not_read_is_said(host: HostEvidence) -> None:
    assert "were not read" in hint_for_host(host).reasons[0]


def test_windows_server_backup_suggests_vss() -> None:
    hint = hint_for_host(with_events(healthy_host(), ("Microsoft-Windows-Backup", 4, 14)))
    assert told(hint) == (BackupPath.VSS, Confidence.LOW)


def test_a_mixed_cluster_suggests_vss() -> None:
    nodes = (ClusterNode(name="HV0001", build=20348), ClusterNode(name="HV0002", build=14393))
    hint = hint_for_host(with_cluster(clustered_host(), nodes=nodes))
    assert told(hint) == (BackupPath.VSS, Confidence.LOW)
    assert "14393, 20348" in hint.reasons[0]


@pytest.mark.parametrize(
    ("version", "path"), [("5.0", BackupPath.VSS), ("8.0", BackupPath.UNKNOWN), (None, BackupPath.UNKNOWN)]
)
def test_old_configuration_versions_suggest_vss(version: str | None, path: BackupPath) -> None:
    assert hint_for_host(with_vm(healthy_host(), version=version)).path is path


def test_signs_of_both_paths_decide_nothing_and_are_both_shown() -> None:
    hint = hint_for_host(with_events(tracked(VM_ID), ("Microsoft-Windows-Backup", 4, 14)))
    assert told(hint) == (BackupPath.UNKNOWN, Confidence.NONE)
    assert hint.reasons[-1] == "these point to different paths"


def test_client_windows_and_unknown_windows_get_no_hint() -> None:
    for host in (with_identity(tracked(VM_ID), product_type=1), structs.replace(tracked(VM_ID), identity=None)):
        assert told(hint_for_host(host)) == (BackupPath.UNKNOWN, Confidence.NONE)


OLD = hint_for_host(healthy_host(SERVER_2012))
WMI, SOME_WMI = hint_for_host(tracked(VM_ID)), PathHint(BackupPath.WMI, Confidence.LOW, ())
VSS = PathHint(BackupPath.VSS, Confidence.LOW, ())
SILENT = hint_for_host(tracked())


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        ([WMI, WMI], (BackupPath.WMI, Confidence.MEDIUM)),
        ([WMI, SOME_WMI], (BackupPath.WMI, Confidence.LOW)),
        ([WMI, SILENT], (BackupPath.WMI, Confidence.LOW)),
        ([VSS, SILENT], (BackupPath.VSS, Confidence.LOW)),
        ([WMI, VSS], (BackupPath.UNKNOWN, Confidence.NONE)),
        ([SILENT], (BackupPath.UNKNOWN, Confidence.NONE)),
        ([OLD, WMI], (BackupPath.WMI, Confidence.MEDIUM)),
        ([OLD, OLD], (BackupPath.VSS, Confidence.HIGH)),
    ],
)
def test_a_customers_hosts_vote_and_old_hosts_have_no_vote(
    hints: list[PathHint], expected: tuple[BackupPath, Confidence]
) -> None:
    assert told(hint_for_customer(hints)) == expected
