"""What the tests of pages share: signed-in people, and a small fleet in which everything exists once."""

from dataclasses import dataclass

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from audits.models import AuditRun, Result, Verdict
from fleet.accounts.models import User
from fleet.models import Customer, Host
from tests import factories, people


@dataclass(frozen=True)
class Estate:
    """One customer with one host, one VM that will be paused, its finding, and the run that read it."""

    customer: Customer
    host: Host
    vm: Verdict
    finding: Result
    run: AuditRun

    @property
    def pages(self) -> dict[str, str]:
        """The address of every page that belongs to this customer alone."""
        return {
            "customer": reverse("customer", args=[self.customer.pk]),
            "host": reverse("host", args=[self.host.pk]),
            "fix_script": reverse("fix_script", args=[self.host.pk]),
            "vm": reverse("vm", args=[self.vm.pk]),
            "finding": reverse("finding", args=[self.finding.pk]),
            "run": reverse("run", args=[self.run.pk]),
            "customer_plan": reverse("customer_plan", args=[self.customer.pk]),
            "host_plan": reverse("host_plan", args=[self.host.pk]),
            "customer_settings": reverse("customer_settings", args=[self.customer.pk]),
            "schedule": reverse("schedule", args=[self.customer.pk]),
            "host_settings": reverse("host_settings", args=[self.host.pk]),
            "offline": reverse("offline", args=[self.host.pk]),
        }


LISTS = ("fleet", "plan", "customers", "hosts", "vms", "episodes", "runs", "checks", "findings", "reports")


def an_estate(name: str = "Contoso", vm_name: str = "SQL01", host_name: str = "hv01.contoso.lab") -> Estate:
    customer = factories.a_customer(name)
    host = factories.a_host(customer, host_name)
    run = factories.a_run(target=name, customer=customer)
    vm = factories.a_vm(host, vm_name, "saved_state", causes=["VM-ISBACKUP"])
    finding = factories.a_result(host, "VM-ISBACKUP", "fail", vm)
    sections = factories.evidence(
        identity={"computer_name": host_name, "os_build": 20348, "account": host_name},
        vms={"vms": [{"vm_id": vm.virtual_machine.guid, "name": vm_name, "disks": [{"path": f"D:\\{vm_name}.vhdx"}]}]},
        volumes={"volumes": [{"volume_id": "v1", "name": "D:\\", "label": vm_name[:50], "file_system": "NTFS"}]},
        writers={
            "writers": [{"writer_id": "66841cd4-6ded-4f4b-8f17-fd23f8ddc3de", "name": host_name, "state": 9}],
            "components": [{"vm_id": vm.virtual_machine.guid, "caption": f"Offline\\{vm_name}"}],
        },
    )
    factories.was_read(host, run, sections=sections)
    factories.count_vms(host)
    factories.a_plan(host, ("VM-ISBACKUP", [vm]))
    factories.a_host_audit(run, host, verdicts={"saved_state": 1})
    factories.it_was(vm, "live")
    factories.a_pause(vm)
    factories.excluded(vm, nights_ago=3)
    return Estate(customer, host, vm, finding, run)


def downloaded(client: Client, report: str, **filters: str) -> bytes:
    """The whole CSV of a report, as a browser saves it."""
    answer: object = client.get(reverse("report_csv", args=[report]), filters)
    assert isinstance(answer, StreamingHttpResponse)
    return answer.getvalue()


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def estate(db: None) -> Estate:
    return an_estate()


@pytest.fixture
def owner(db: None) -> Client:
    return signed_in(people.an_owner())


@pytest.fixture
def stranger(db: None) -> Client:
    return signed_in(people.a_stranger())
