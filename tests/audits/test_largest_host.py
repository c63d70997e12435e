"""The most VMs that Hyper-V runs on one host, from the wire to the pages: nothing is cut, refused or left out."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from audits.models import HostAudit, HostState, Result, Verdict
from audits.services import start_run
from fleet.models import Host
from simulator import windows
from tests import people
from tests.audits.estate import audit_all, entered_hosts
from tests.pages.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

MOST_VMS = 1024


def test_a_host_of_1024_vms_is_read_judged_stored_and_shown(tmp_path: Path) -> None:
    vms = [windows.vm(f"VM{number:04}", backup_service=number % 4 != 0) for number in range(MOST_VMS)]
    with entered_hosts([windows.host("hv01", vms=vms)], tmp_path):
        audit_all(start_run(None))
    audit, state = HostAudit.objects.get(), HostState.objects.get()
    assert (audit.state, audit.cause) == ("succeeded", "")
    assert Verdict.objects.count() == MOST_VMS
    assert state.saved_state_vms == MOST_VMS // 4
    assert Result.objects.filter(rule="VM-ISBACKUP", result="fail").count() == MOST_VMS // 4
    assert state.sections["vms"]["whole"] is True

    owner = signed_in(people.an_owner())
    host = reverse("host", args=[Host.objects.get().pk])
    text = _shown(owner, host)
    assert "1,024 VMs" in text
    assert text.count('class="row-link"') == 50
    last = _shown(owner, f"{host}?page=21")
    assert last.count('class="row-link"') == MOST_VMS - 20 * 50
    assert "VM1023" in _shown(owner, f"{reverse('vms')}?q=VM1023")
    effect = _shown(owner, f"{reverse('host_settings', args=[Host.objects.get().pk])}?backup_path=wmi")
    assert "256 verdicts would change" in effect


def _shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()
