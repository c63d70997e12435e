"""Evidence that contradicts itself is found, with both sources named; what is missing contradicts nothing."""

from typing import Any

import pytest
from msgspec import structs

from audits.judgement import judge as judging
from audits.judgement.evidence import Guests, HostEvidence
from audits.judgement.evidence.cluster import ClusterNode
from audits.judgement.evidence.guests import GuestReading
from audits.judgement.evidence.services import Service
from audits.judgement.evidence.vms import BACKUP_COMPONENT, IntegrationService
from audits.judgement.evidence.writers import Component, Writer
from audits.judgement.judge import judge
from audits.judgement.words import Section
from tests.judgement.hosts import (
    VM_ID,
    clustered_host,
    healthy_host,
    vm,
    with_backup_service,
    with_cluster,
    with_guest,
    with_service,
    with_vm,
    with_vms,
    with_writers,
    without,
)

OTHER = "00000000-0000-4000-8000-0000000000aa"


def inside(host: HostEvidence, **told: Any) -> HostEvidence:
    """The host whose first guest was asked inside."""
    return structs.replace(host, guests=Guests(guests=(GuestReading(vm_id=VM_ID, status="ok", **told),)))


VMICVSS = (Service(name="vmicvss", start_mode="Manual", state="Running"),)
SILENT = with_backup_service(healthy_host(), primary_status=12)
TWICE = with_vms(healthy_host(), vms=(vm(), vm(name="copy", state=3)))
STRANGER = Component(vm_id=OTHER, caption="Online\\GONE")

CASES: dict[str, tuple[HostEvidence, str, str]] = {
    "vm_counts": (with_vms(healthy_host(), registered_count=3), "Get-VM shows 1 VMs", "has 3 registered"),
    "vm_listed_twice": (TWICE, "lists 6d0a1f3e", "“SQL01” (running) and “copy” (off)"),
    "vmms": (with_service(healthy_host(), "vmms", state="Stopped"), "vmms is Stopped", "answered with 1 VMs"),
    "hyper_v_writer": (
        with_writers(healthy_host(), writers=(Writer(writer_id=OTHER, state=1),)),
        "vssadmin lists no Hyper-V writer",
        "with 1 components",
    ),
    "writer_lists_unknown_vm": (
        with_writers(healthy_host(), components=(Component(vm_id=VM_ID, caption="Online\\SQL01"), STRANGER)),
        OTHER,
        "Get-VM shows no such VM",
    ),
    "node_build": (
        with_cluster(clustered_host(), nodes=(ClusterNode(name="hv0001.contoso.lab", build=17763),)),
        "its build is 20348",
        "this node's is 17763",
    ),
    "cluster_state": (with_vm(clustered_host(), state=3), "the VM is off", "its resource is online on this node"),
    "is_clustered": (with_vm(clustered_host(), is_clustered=False), "not clustered", "has a group for it (SQL01)"),
    "owner_node": (clustered_host(group={"owner_node": "hv0002"}), "running on this node", "hv0002 owns it"),
    "guest_build": (
        inside(with_guest(healthy_host(), os_build="20348"), os_build=17763),
        "build 20348 through Data Exchange",
        "inside it the build is 17763",
    ),
    "backup_service_in_guest": (inside(SILENT, services=VMICVSS), "does not answer (status 12)", "vmicvss is running"),
}


def kinds(host: HostEvidence) -> list[str]:
    return [each.kind for each in judge(host).contradictions]


@pytest.mark.parametrize("kind", CASES)
def test_a_contradiction_is_told_with_both_sources(kind: str) -> None:
    host, first, second = CASES[kind]
    [found] = [each for each in judge(host).contradictions if each.kind == kind]
    assert first in found.first
    assert second in found.second
    assert found.sentence == f"{found.first}, but {found.second}"


@pytest.mark.parametrize("host", [healthy_host(), clustered_host(), inside(healthy_host(), services=VMICVSS)])
def test_a_host_that_agrees_with_itself_has_none(host: HostEvidence) -> None:
    assert kinds(host) == []


@pytest.mark.parametrize("section", Section)
@pytest.mark.parametrize("kind", CASES)
def test_what_is_missing_contradicts_nothing(kind: str, section: Section) -> None:
    host = CASES[kind][0]
    assert set(kinds(without(host, section, None))) <= set(kinds(host))


def test_a_vm_whose_group_is_owned_elsewhere_is_not_said_to_be_online_here() -> None:
    assert kinds(with_vm(clustered_host(group={"owner_node": "hv0002"}), state=3)) == []


def test_a_search_that_crashes_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(host: object) -> None:
        raise ZeroDivisionError("broken")

    monkeypatch.setattr(judging, "contradictions_of", crash)
    judgement = judge(healthy_host())
    assert [each.rule for each in judgement.crashes] == ["contradictions"]
    assert judgement.verdicts


def test_a_component_that_is_switched_off_in_the_host_contradicts_no_running_guest_service() -> None:
    off = IntegrationService(component=BACKUP_COMPONENT, enabled=False, primary_status=12)
    assert kinds(inside(with_vm(healthy_host(), integration=(off,)), services=VMICVSS)) == []
