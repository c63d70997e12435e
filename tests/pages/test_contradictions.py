"""Evidence that contradicts itself is shown on the pages of the host and of the VM, with both sources, escaped."""

import pytest
from django.test import Client
from django.urls import reverse

from audits.models import HostState, Verdict
from simulator import windows
from tests.audits.judged import audit_as
from tests.audits.world import a_host

pytestmark = pytest.mark.django_db


def test_a_cluster_that_says_online_of_a_vm_that_is_off_is_shown(owner: Client) -> None:
    host = a_host(name="node1")
    off = windows.vm("<b>SQL01</b>", state="off", clustered=True)
    [said] = windows.join("CL01", [windows.host("node1", vms=[off, windows.vm("WEB01")])])
    audit_as(host, said)
    verdicts = {verdict.name: verdict for verdict in Verdict.objects.all()}
    pages = {name: reverse("vm", args=[verdict.pk]) for name, verdict in verdicts.items()}
    told = "Get-VM says that the VM is off, but the cluster says that its resource is online on this node"
    for page in (reverse("host", args=[host.pk]), pages["<b>SQL01</b>"]):
        text = owner.get(page).content.decode()
        assert told in text, HostState.objects.get().contradictions
        assert "<b>SQL01</b>" not in text.replace("<b><bdi", "")
    assert told not in owner.get(pages["WEB01"]).content.decode()


def test_a_contradiction_that_is_gone_is_no_longer_shown(owner: Client) -> None:
    host = a_host()
    counted = windows.host("hv01", vms=[windows.vm("SQL01")], reports={"vms": {"registered_count": 4}})
    audit_as(host, counted)
    page = reverse("host", args=[host.pk])
    assert "Get-VM shows 1 VMs, but Hyper-V" in owner.get(page).content.decode()
    audit_as(host, windows.host("hv01", vms=[windows.vm("SQL01")]))
    assert "contradicts itself" not in owner.get(page).content.decode()
