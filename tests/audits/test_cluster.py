"""A cluster is one home: its VMs move between nodes, and are gone only when no node has them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audits.models import HostState, Result, Verdict, VerdictInterval
from fleet.models import Host, VirtualMachine
from simulator import windows
from tests.audits.judged import audit_as
from tests.audits.world import a_customer, a_host

pytestmark = pytest.mark.django_db

SQL01 = windows.vm("SQL01", vm_id="6d0a0000-0000-4000-8000-000000000001")


def nodes(*vms_per_node: list[windows.VirtualMachine]) -> tuple[windows.WindowsHost, ...]:
    """The nodes of one cluster, with these VMs."""
    return windows.join(
        "CL01", [windows.host(f"node{number}", vms=vms) for number, vms in enumerate(vms_per_node, start=1)]
    )


def two_hosts() -> tuple[Host, Host]:
    customer = a_customer()
    return a_host(customer, "node1"), a_host(customer, "node2")


def test_the_home_of_a_clustered_vm_is_its_cluster() -> None:
    first, _ = two_hosts()
    audit_as(first, nodes([SQL01], [])[0])
    vm = VirtualMachine.objects.get()
    assert (vm.host_id, vm.cluster.name if vm.cluster else None) == (None, "CL01")


def test_a_vm_that_moves_keeps_its_identity_and_its_findings() -> None:
    first, second = two_hosts()
    broken = windows.vm("SQL01", vm_id=SQL01.vm_id, backup_service=False)
    audit_as(first, nodes([broken], [])[0])
    finding = Result.objects.get(rule="VM-ISBACKUP", subject="SQL01")
    audit_as(second, nodes([], [broken])[1])
    verdict = Verdict.objects.get()
    assert (VirtualMachine.objects.count(), verdict.host) == (1, second)
    finding.refresh_from_db()
    assert (finding.host, finding.result) == (second, "fail")
    assert HostState.objects.get(host=first).saved_state_vms == 0
    assert HostState.objects.get(host=second).saved_state_vms == 1


def test_a_vm_that_moves_back_is_seen_there_again() -> None:
    first, second = two_hosts()
    here, there = nodes([SQL01], []), nodes([], [SQL01])
    audit_as(first, here[0])
    audit_as(second, there[1])
    audit_as(second, here[1])
    audit_as(first, here[0])
    verdict = Verdict.objects.get()
    assert (verdict.host, verdict.missing_since_at) == (first, None)


def test_a_vm_missing_on_one_node_may_be_on_its_way() -> None:
    first, second = two_hosts()
    here, away = nodes([SQL01], []), nodes([], [])
    audit_as(second, here[1])
    audit_as(first, here[0])
    audit_as(first, away[0])
    assert Verdict.objects.get().missing_since_at is not None
    assert HostState.objects.get(host=first).unknown_vms + HostState.objects.get(host=first).live_vms == 0
    audit_as(second, away[1])
    assert not Verdict.objects.exists()
    assert VerdictInterval.objects.get().became == "gone"


def test_a_node_that_is_no_host_of_ours_keeps_a_missing_vm_known() -> None:
    first, _ = two_hosts()
    audit_as(first, nodes([SQL01], [])[0])
    audit_as(first, nodes([], [])[0])
    audit_as(first, nodes([], [])[0])
    assert Verdict.objects.get().missing_since_at is not None


def test_of_two_sightings_the_younger_wins() -> None:
    first, second = two_hosts()
    on_both = nodes([SQL01], [SQL01])
    audit_as(second, on_both[1])
    HostState.objects.filter(host=second).update(sections=seen_in_a_minute(second))
    audit_as(first, on_both[0])
    assert Verdict.objects.get().host == second


def seen_in_a_minute(host: Host) -> dict[str, Any]:
    sections: dict[str, Any] = HostState.objects.get(host=host).sections
    sections["vms"]["seen_at"] = (timezone.now() + timedelta(minutes=1)).isoformat()
    return sections
