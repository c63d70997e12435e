"""Old and odd hosts over the wire: named as what they are, in one statement, and not as a list of failures."""

import dataclasses
from pathlib import Path

import pytest
from django.urls import reverse

from audits.judgement.outcomes import Outcome, cause_of
from audits.models import HostAudit, Result, Verdict
from audits.services import start_run
from fleet.models import Host
from simulator import windows
from tests import people
from tests.audits.estate import audit_all, entered_hosts
from tests.pages.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

SERVER_2008_R2 = {"os_build": 7601, "os_caption": "Microsoft Windows Server 2008 R2 Standard"}


def page_after_audit(said: windows.WindowsHost, directory: Path) -> str:
    with entered_hosts([said], directory):
        audit_all(start_run(None))
    page = reverse("host", args=[Host.objects.get().pk])
    return signed_in(people.an_owner()).get(page).content.decode()


def test_server_2008_r2_ends_with_one_cause_and_what_to_do(tmp_path: Path) -> None:
    said = windows.host("hv01", build=9200, vms=[windows.vm("SQL01")], reports={"identity": SERVER_2008_R2})
    text = page_after_audit(said, tmp_path)
    audit, cause = HostAudit.objects.get(), cause_of(Outcome.FAILED, "unsupported_windows")
    assert (audit.state, audit.cause) == ("failed", "unsupported_windows")
    assert "build 7601 (Microsoft Windows Server 2008 R2 Standard)" in audit.detail
    assert not Result.objects.exists() and not Verdict.objects.exists()
    assert cause.message in text and "Judge this host by hand" in text


def test_client_windows_is_named_as_such_with_one_finding(tmp_path: Path) -> None:
    said = windows.host(
        "pc01", edition="client", build=26100, vms=[windows.vm("DEV01"), windows.vm("OFF", state="off")]
    )
    text = page_after_audit(said, tmp_path)
    assert HostAudit.objects.get().state == "succeeded"
    failing = Result.objects.filter(result="fail").exclude(subject="OFF")  # that one is off is a note of its own
    assert list(failing.values_list("rule", flat=True)) == ["HOST-SKU"]
    assert dict(Verdict.objects.values_list("name", "verdict")) == {"DEV01": "unknown", "OFF": "already_offline"}
    assert text.count("This is client Windows.") == 1


def test_server_2012_is_judged_and_says_that_it_is_read_as_well_as_it_goes(tmp_path: Path) -> None:
    vms = [windows.vm("SQL01", backup_service=False), windows.vm("WEB01")]
    text = page_after_audit(windows.host("hv01", build=9200, vms=vms), tmp_path)
    assert dict(Verdict.objects.values_list("name", "verdict")) == {"SQL01": "saved_state", "WEB01": "live"}
    assert "Windows Server 2012 is read as well as its module allows." in text


def test_a_disk_that_another_node_has_open_is_unknown_and_never_broken(tmp_path: Path) -> None:
    disk = windows.disk("C:\\ClusterStorage\\Volume1\\SQL01.vhdx")
    [said] = windows.join("CL01", [windows.host("node1", vms=[windows.vm("SQL01", disks=(disk,))])])
    path = "C:\\ClusterStorage\\Volume1\\SQL01.vhdx"
    failed = {"path": path, "exists": True, "error_id": "OperationFailed,Microsoft.Vhd.PowerShell.Cmdlets.GetVHD"}
    reports = {"vms": {"images": [failed]}}
    page_after_audit(dataclasses.replace(said, reports=reports), tmp_path)
    chain = Result.objects.get(rule="VM-CHAIN")
    assert chain.result == "unknown"
    assert "ask the node that owns the VM" in (chain.reason or "")
