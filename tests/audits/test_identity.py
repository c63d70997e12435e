"""VMs that appear, move, are renamed and vanish between runs keep one identity, with one history."""

import dataclasses

import pytest
from django.test import Client
from django.urls import reverse

from audits.judgement.words import Section
from audits.models import Result, Verdict, VerdictInterval
from fleet.models import Customer, Host, VirtualMachine
from simulator import windows
from tests import people
from tests.audits.judged import audit_as
from tests.audits.world import a_customer, a_host
from tests.pages.conftest import signed_in

pytestmark = pytest.mark.django_db

GUID = "6d0a0000-0000-4000-8000-000000000001"
SQL01 = windows.vm("SQL01", vm_id=GUID)
BROKEN = windows.vm("SQL01", vm_id=GUID, backup_service=False)


def alone(*vms: windows.VirtualMachine, name: str = "hv01") -> windows.WindowsHost:
    return windows.host(name, vms=vms)


def clustered(*vms_per_node: list[windows.VirtualMachine]) -> tuple[windows.WindowsHost, ...]:
    return windows.join("CL01", [windows.host(f"node{n}", vms=vms) for n, vms in enumerate(vms_per_node, start=1)])


def the_vm() -> VirtualMachine:
    return VirtualMachine.objects.get(guid=GUID)


def test_a_renamed_vm_is_the_same_vm_with_its_finding_and_its_age() -> None:
    host = a_host()
    audit_as(host, alone(BROKEN))
    before, finding = Verdict.objects.get(), Result.objects.get(rule="VM-ISBACKUP")
    audit_as(host, alone(dataclasses.replace(BROKEN, name="SQL01-old")))
    after = Verdict.objects.get()
    assert (after.pk, after.since_at, after.name) == (before.pk, before.since_at, "SQL01-old")
    again = Result.objects.get(rule="VM-ISBACKUP")
    assert (again.pk, again.first_seen_at, again.subject) == (finding.pk, finding.first_seen_at, "SQL01-old")
    assert not VerdictInterval.objects.exists()


def test_two_vms_that_swap_their_names_stay_who_they_are() -> None:
    host, other = a_host(), windows.vm("APP01", vm_id="6d0a0000-0000-4000-8000-000000000002")
    audit_as(host, alone(BROKEN, other))
    audit_as(host, alone(dataclasses.replace(BROKEN, name="APP01"), dataclasses.replace(other, name="SQL01")))
    assert Result.objects.get(rule="VM-ISBACKUP", result="fail").subject_id == GUID
    assert Verdict.objects.get(virtual_machine=the_vm()).name == "APP01"


def test_a_vm_that_vanished_and_came_back_is_the_same_vm() -> None:
    host = a_host()
    audit_as(host, alone(SQL01))
    identity = the_vm().pk
    audit_as(host, alone())
    assert not Verdict.objects.exists()
    audit_as(host, alone(SQL01))
    assert Verdict.objects.get().pk == identity
    assert VerdictInterval.objects.get().became == "gone"


def test_a_vm_does_not_vanish_with_a_section_that_failed() -> None:
    host = a_host()
    audit_as(host, alone(SQL01))
    audit_as(host, alone(), failing=[Section.VMS])
    assert Verdict.objects.get().missing_since_at is None


def test_a_vm_does_not_vanish_from_a_list_that_is_not_whole() -> None:
    host = a_host()
    audit_as(host, alone(SQL01))
    audit_as(host, windows.host("hv01", reports={"vms": {"registered_count": 1}}))
    assert Verdict.objects.get().missing_since_at is None


def test_a_vm_that_moves_and_is_renamed_on_its_way_keeps_its_identity() -> None:
    customer = a_customer()
    first, second = a_host(customer, "node1"), a_host(customer, "node2")
    audit_as(first, clustered([BROKEN], [])[0])
    finding = Result.objects.get(rule="VM-ISBACKUP").pk
    there = clustered([], [dataclasses.replace(BROKEN, name="SQL01-moved")])
    audit_as(second, there[1])
    audit_as(first, there[0])
    verdict = Verdict.objects.get()
    assert (verdict.host, verdict.name, verdict.missing_since_at) == (second, "SQL01-moved", None)
    assert Result.objects.get(rule="VM-ISBACKUP").pk == finding


def test_a_vm_of_a_cluster_that_comes_back_after_all_nodes_missed_it_is_the_same_vm() -> None:
    customer = a_customer()
    hosts = [a_host(customer, "node1"), a_host(customer, "node2")]
    for said in (clustered([SQL01], []), clustered([], []), clustered([], [])):
        for host, node in zip(hosts, said, strict=True):
            audit_as(host, node)
    assert not Verdict.objects.exists()
    identity = the_vm().pk
    audit_as(hosts[1], clustered([], [SQL01])[1])
    assert (Verdict.objects.get().pk, Verdict.objects.get().host) == (identity, hosts[1])


def test_a_host_that_joins_a_cluster_takes_its_vms_to_the_new_home_and_leaves_no_ghost() -> None:
    host = a_host(name="node1")
    audit_as(host, alone(BROKEN, name="node1"))
    audit_as(host, clustered([BROKEN])[0])
    verdict = Verdict.objects.get()
    assert verdict.virtual_machine.cluster is not None
    assert Result.objects.filter(rule="VM-ISBACKUP").count() == 1


def test_a_node_whose_cluster_service_stands_still_keeps_its_vms_in_the_cluster() -> None:
    host, node = a_host(name="node1"), clustered([BROKEN], [])[0]
    audit_as(host, node)
    identity = Verdict.objects.get().pk
    audit_as(host, dataclasses.replace(node, services={"ClusSvc": "stopped"}))
    assert Verdict.objects.get().pk == identity
    assert VirtualMachine.objects.filter(guid=GUID).count() == 1
    assert Result.objects.get(rule="VM-CLUSTER").result == "unknown"


def test_a_host_that_left_its_cluster_is_the_home_of_its_vms() -> None:
    host = a_host(name="node1")
    audit_as(host, clustered([BROKEN])[0])
    audit_as(host, dataclasses.replace(alone(BROKEN, name="node1"), services={"ClusSvc": "disabled"}))
    assert Verdict.objects.get(missing_since_at=None).virtual_machine.host == host


def two_homes() -> tuple[Host, Host]:
    customer = a_customer()
    here, there = a_host(customer, "hv01"), a_host(customer, "hv02")
    audit_as(here, alone(SQL01))
    audit_as(there, alone(dataclasses.replace(SQL01, name="SQL01-replica", state="off"), name="hv02"))
    return here, there


def test_the_same_guid_in_another_home_is_another_vm_and_linked(owner: Client) -> None:
    here, there = two_homes()
    own, other = Verdict.objects.get(host=here), Verdict.objects.get(host=there)
    assert own.pk != other.pk
    text = owner.get(reverse("vm", args=[own.pk])).content.decode()
    assert "Same GUID as" in text
    assert reverse("vm", args=[other.pk]) in text and "SQL01-replica" in text


def test_a_vm_of_a_customer_one_may_not_see_is_not_linked() -> None:
    here, there = two_homes()
    stranger_customer = Customer.objects.create(name="Fabrikam")
    Host.objects.filter(pk=there.pk).update(customer=stranger_customer)
    Verdict.objects.filter(host=there).update(customer=stranger_customer)
    colleague = signed_in(people.a_colleague(here.customer))
    text = colleague.get(reverse("vm", args=[Verdict.objects.get(host=here).pk])).content.decode()
    assert "SQL01-replica" not in text


@pytest.fixture
def owner(db: None) -> Client:
    return signed_in(people.an_owner())
