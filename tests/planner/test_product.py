"""The plan through the product: audited over WinRM, stored, carried out on the scenario, audited again."""

import dataclasses
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from audits.backup_path import set_backup_path
from audits.models import HostPlan, Verdict
from audits.pipeline.rejudge import judge_again
from audits.planning import host_plan_page
from audits.services import start_run
from fleet.models import Host
from simulator import estates, windows
from simulator.windows import HostSections, WindowsHost
from tests import people
from tests.audits.estate import a_host, audit_all, entered_hosts
from tests.audits.judged import audit_as
from tests.audits.world import a_customer
from tests.audits.world import a_host as an_entered_host
from tests.planner.repaired import repaired

MIXED = windows.host(
    "hv01",
    build=9600,
    vms=[
        windows.vm("healthy"),
        windows.vm("no-service-1", backup_service=False),
        windows.vm("no-service-2", backup_service=False),
        windows.vm("no-scsi", generation=1, scsi_controllers=0),
        windows.vm("both", generation=1, scsi_controllers=0, backup_service=False),
        windows.vm("off", state="off"),
        windows.vm("unreadable", disks=(windows.Disk(unreadable=True),)),
    ],
)


def _rebuildable(rebuilt: list[WindowsHost]) -> type[HostSections]:
    """Answers of a host that is another one as soon as something stands in `rebuilt`."""

    class Rebuildable(HostSections):
        async def read_section(self, name: str) -> str:
            host = rebuilt[-1] if rebuilt else self.host
            return await HostSections(host, self.clock, self.probe_version, self.anchor).read_section(name)

    return Rebuildable


def live_names() -> set[str]:
    return set(Verdict.objects.filter(verdict="live").values_list("name", flat=True))


def words() -> dict[str, str]:
    return dict(Verdict.objects.values_list("name", "verdict"))


@pytest.mark.django_db(transaction=True)
def test_the_first_suggestion_of_a_demo_host_changes_exactly_what_it_promised(tmp_path: Path) -> None:
    described = next(
        host.windows
        for customer in estates.read_estate("demo").customers
        for host in customer.hosts
        if host.name == "hv-fbg-02.wazv.example"
    )
    described = dataclasses.replace(described, seconds=0.0)
    rebuilt: list[WindowsHost] = []
    with entered_hosts([described], tmp_path, sections=_rebuildable(rebuilt)):
        audit_all(start_run(None))
        before = words()
        host = a_host(described.name)
        first = host_plan_page(people.an_owner(), host, None).suggestions[0]
        promised = {row.name for row in first.live}
        assert promised and not promised & live_names()

        rebuilt.append(repaired(described, first.suggestion.steps))
        audit_all(start_run(None))

        after = words()
        assert {name for name in after if after[name] != before[name]} == promised
        assert {after[name] for name in promised} == {"live"}


@pytest.mark.django_db
def test_every_suggestion_carried_out_in_turn_keeps_its_promise() -> None:
    host = an_entered_host(a_customer())
    said = MIXED
    audit_as(host, said)
    for suggestion in host_plan_page(people.an_owner(), fresh(host), None).suggestions:
        promised = {row.name for row in suggestion.live}
        live = live_names()
        said = repaired(said, suggestion.suggestion.steps)
        audit_as(host, said)
        assert live_names() == live | promised
    plan = HostPlan.objects.get()
    assert (plan.groups, plan.vm_ids, plan.not_plannable_vms) == ([], [], 1)


def fresh(host: Host) -> Host:
    return Host.objects.select_related("customer", "state").get(pk=host.pk)


@pytest.mark.django_db
def test_the_stored_plan_says_what_the_judged_one_says() -> None:
    host = an_entered_host(a_customer())
    audit_as(host, MIXED)
    plan = HostPlan.objects.get()
    names = dict(Verdict.objects.values_list("pk", "name"))
    told = {
        tuple(group["rules"]): sorted(names[UUID(pk)] for pk in ids)
        for group, ids in zip(plan.groups, plan.vm_ids, strict=True)
    }
    assert told == {
        ("VM-ISBACKUP",): ["no-service-1", "no-service-2"],
        ("VM-SCSI",): ["no-scsi"],
        ("VM-ISBACKUP", "VM-SCSI"): ["both"],
    }
    assert [group["minutes"] for group in plan.groups] == [4, 12, 10]
    page = host_plan_page(people.an_owner(), fresh(host), None)
    assert [len(line.live) for line in page.suggestions] == [2, 1, 1]


@pytest.mark.django_db
def test_an_audit_that_repeats_the_one_before_writes_no_plan() -> None:
    host = an_entered_host(a_customer())
    audit_as(host, MIXED)
    HostPlan.objects.update(not_plannable_vms=77)
    audit_as(host, MIXED)
    assert HostPlan.objects.get().not_plannable_vms == 77


@pytest.mark.django_db
def test_setting_the_backup_path_plans_anew() -> None:
    host = an_entered_host(a_customer())
    passthrough = windows.vm("pass-through", disks=(windows.Disk(), windows.Disk(number=2)))
    elsewhere = windows.vm("elsewhere", checkpoint_folder="C:\\Checkpoints")
    said = windows.host("hv01", vms=[passthrough, elsewhere, windows.vm("silent")], caption_reading="absent")
    audit_as(host, said)
    plan = HostPlan.objects.get()
    assert (plan.live_if_vss_vms, plan.live_if_wmi_vms, plan.not_plannable_vms) == (0, 2, 3)

    set_backup_path(people.an_owner(), fresh(host), "wmi")

    plan = HostPlan.objects.get()
    assert (plan.live_if_vss_vms, plan.live_if_wmi_vms, plan.not_plannable_vms) == (0, 0, 0)
    assert [group["rules"] for group in plan.groups] == [["VM-PASSTHRU"]]


@pytest.mark.django_db
def test_the_pages_show_what_is_ticked_and_before_and_after() -> None:
    host = an_entered_host(a_customer())
    audit_as(host, MIXED)
    client = Client()
    client.force_login(people.an_owner())
    for name, pk in (("host_plan", host.pk), ("customer_plan", host.customer_id), ("plan", None)):
        address = reverse(name, args=[pk] if pk else [])
        text = client.get(address).content.decode()
        assert "3 suggestions make 4 more VMs live" in text, name
        assert "2 more VMs live" in text, name
        assert "4 more VMs live" in client.get(f"{address}?ticked=1&do=VM-ISBACKUP&do=VM-SCSI").content.decode()
        assert "No VM becomes live" in client.get(f"{address}?ticked=1").content.decode()
        assert "No VM becomes live" in client.get(f"{address}?ticked=1&do=NOT-A-RULE").content.decode()


@pytest.mark.django_db
def test_a_host_plan_tells_what_improves_and_what_cannot_be_planned() -> None:
    host = an_entered_host(a_customer())
    audit_as(host, MIXED)
    client = Client()
    client.force_login(people.an_owner())
    text = client.get(reverse("host_plan", args=[host.pk])).content.decode()
    assert "unreadable" in text and "VM-CHAIN is not known" in text
    text = client.get(reverse("host_plan", args=[host.pk]) + "?ticked=1&do=VM-SCSI").content.decode()
    assert "2 verdicts change" in text  # no-scsi becomes live, "both" is no longer a failing backup


@pytest.mark.django_db
def test_the_plan_is_judged_by_the_same_evidence_as_the_verdicts() -> None:
    host = an_entered_host(a_customer())
    audit_as(host, MIXED)
    again = judge_again(fresh(host), fresh(host).state, "unknown")
    assert {verdict.vm: str(verdict.verdict) for verdict in again.verdicts} == words()


@pytest.mark.django_db
def test_a_host_without_evidence_has_no_plan_and_says_why() -> None:
    host = an_entered_host(a_customer())
    assert host_plan_page(people.an_owner(), host, None).why_none == "The host was never audited."


@pytest.mark.django_db
def test_a_planner_that_crashes_costs_the_plan_and_not_the_audit(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("a broken planner")

    host = an_entered_host(a_customer())
    monkeypatch.setattr("audits.pipeline.store_plan.plan_host", broken)
    run = audit_as(host, MIXED)
    assert run.state == "completed"
    assert len(words()) == len(MIXED.vms)
    assert not HostPlan.objects.exists()
    assert "could not be planned" in caplog.text
