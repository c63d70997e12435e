"""Guest access from the command line to stored evidence: only confirmed VMs get a secret, and a refusal is kept."""

import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from audits.collect.probes import probe_script
from audits.judgement.evidence.guest_facts import Guest
from audits.judgement.evidence.vms import VirtualMachine
from audits.models import HostState, Verdict
from audits.pipeline.guests import REFUSED, Offer, choose, planner_of
from audits.queries.evidence import bodies, with_samples
from audits.services import start_run
from fleet.guest_access import save_guest_access
from fleet.models import Customer, GuestAccess, GuestGrant, Host, TrailEntry
from fleet.services import InvalidInput, save_credential
from fleet.vault import vault_from
from simulator import windows
from tests.audits.estate import audit_here, entered_hosts
from tests.audits.judged import audit_as
from tests.estate.pure_audit import evidence_of
from tests.people import an_owner

pytestmark = pytest.mark.django_db

GUEST_USER, GUEST_PASSWORD = "Administrator", "Guest-Horse-2"
HOST = windows.host(
    "hv01",
    vms=[
        windows.vm("SQL01", inside=windows.Inside(dynamic_disk=True)),
        windows.vm("SQL02"),
        windows.vm("SQL-OFF", state="off"),
        windows.vm("SQL-LINUX", guest="ubuntu"),
        windows.vm("FS01"),
    ],
    guest_accounts={GUEST_USER: GUEST_PASSWORD},
)
VM_ID = {vm.name: vm.vm_id for vm in HOST.vms}


@pytest.fixture
def customer(tmp_path: Path) -> Iterator[Customer]:
    """A customer whose host hv01 answers, and with a credential for its guests."""
    with entered_hosts([HOST], tmp_path):
        customer = Customer.objects.get()
        enter_guest_credential(customer, GUEST_PASSWORD)
        yield customer


def enter_guest_credential(customer: Customer, password: str) -> None:
    save_credential(None, customer, "guests", GUEST_USER, password, vault_from(settings.FLEET_AUDIT_VAULT_KEY_FILE))


def give(vms: str, **options: Any) -> tuple[str, str]:
    """What the command prints on standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    call_command(
        "add_guest_access", customer="Contoso", vms=vms, credential="guests", stdout=out, stderr=err, **options
    )
    return out.getvalue(), err.getvalue()


def audit() -> dict[str, dict[str, Any]]:
    """Audit hv01 and return what is stored of its guests, by VM name. The audit itself always succeeds."""
    audit_here(start_run(None, hosts=list(Host.objects.all())))
    state = HostState.objects.get()
    assert state.last_outcome == "succeeded"
    names = {vm_id: name for name, vm_id in VM_ID.items()}
    guests = with_samples(state, bodies(state, "guests")).get("guests", {}).get("guests") or []
    return {names[guest["vm_id"]]: guest for guest in guests}


def test_without_access_no_guest_is_asked_and_the_section_says_why(customer: Customer) -> None:
    assert audit() == {}
    section = HostState.objects.get().sections["guests"]
    assert (section["status"], section["reason"]) == ("skipped", "no guest credential is set")


def test_confirmed_guests_tell_their_exact_cause_and_the_others_are_not_asked(customer: Customer) -> None:
    audit()
    out, _ = give("SQL*")
    assert [line.split("\t")[2] for line in out.splitlines()[1:]] == ["'SQL-LINUX'", "'SQL-OFF'", "'SQL01'", "'SQL02'"]
    guests = audit()
    assert {name: guest["status"] for name, guest in guests.items()} == {
        "SQL01": "ok",
        "SQL02": "ok",
        "SQL-OFF": "skipped",
        "SQL-LINUX": "skipped",
    }
    assert [disk["is_dynamic"] for disk in guests["SQL01"]["disks"]] == [True]
    assert "G-LDM" in Verdict.objects.get(name="SQL01").causes


def test_what_fits_on_a_first_reading_is_bound_with_it_and_nothing_later(customer: Customer) -> None:
    _, err = give("SQL*")
    assert "hv01 was not read yet" in err
    assert audit()["SQL01"]["status"] == "ok"
    assert not GuestAccess.objects.get().unread_hosts.exists()
    assert GuestGrant.objects.filter(vm_name="FS01").count() == 0


def test_a_vm_that_takes_a_fitting_name_gets_a_reason_and_no_secret(customer: Customer, tmp_path: Path) -> None:
    """A tenant who may rename a VM must not be handed the password of another."""
    give("SQL*")
    audit()
    renamed = [dataclasses.replace(vm, name="SQL99") if vm.name == "FS01" else vm for vm in HOST.vms]
    asked = ask_as(dataclasses.replace(HOST, vms=tuple(renamed)))
    assert asked[VM_ID["FS01"]] == (
        None,
        "its name fits a guest access, but nobody confirmed this VM: run add_guest_access again",
    )
    assert asked[VM_ID["SQL01"]] == ("powershell_direct", None)


def ask_as(said: windows.WindowsHost) -> dict[str, tuple[str | None, str | None]]:
    """By VM id: the channel it would be asked by, or the reason why not, if the host said this."""
    planner = planner_of(Host.objects.select_related("customer").get())
    assert planner is not None
    plan = planner.plan(evidence_of(said))
    asked: dict[str, tuple[str | None, str | None]] = {each.vm_id: ("powershell_direct", None) for each in plan.direct}
    return asked | {each.vm_id: (None, each.reason) for each in plan.left_out}


def test_a_vm_that_loses_its_name_keeps_what_was_confirmed_for_its_guid(customer: Customer) -> None:
    give("SQL*")
    audit()
    renamed = [dataclasses.replace(vm, name="old-sql") if vm.name == "SQL01" else vm for vm in HOST.vms]
    assert ask_as(dataclasses.replace(HOST, vms=tuple(renamed)))[VM_ID["SQL01"]] == ("powershell_direct", None)


def test_a_refused_credential_is_not_tried_again_until_it_is_entered_anew(customer: Customer) -> None:
    enter_guest_credential(customer, "wrong")
    give("SQL*")
    assert audit()["SQL01"]["status"] == "denied"
    again = audit()
    assert (again["SQL01"]["status"], again["SQL02"]["status"]) == ("skipped", "skipped")
    assert "enter it anew" in again["SQL01"]["reason"]
    enter_guest_credential(customer, GUEST_PASSWORD)
    assert audit()["SQL01"]["status"] == "ok"


def test_every_binding_is_in_the_trail_with_guid_and_name(customer: Customer) -> None:
    audit()
    give("SQL01")
    created, confirmed = TrailEntry.objects.filter(action__startswith="guest access").order_by("id")
    assert (created.action, confirmed.action) == ("guest access created", "guest access confirmed")
    assert confirmed.detail["vms"] == [{"guid": VM_ID["SQL01"], "name": "SQL01"}]
    assert GUEST_PASSWORD not in str(created.detail) + str(confirmed.detail)


def test_the_same_filter_again_changes_the_access_instead_of_adding_one(customer: Customer) -> None:
    give("SQL*", timeout=20)
    out, _ = give("sql*")
    assert "created" in out, "another spelling is another filter, which is harmless"
    give("SQL*", timeout=40)
    assert [access.timeout_seconds for access in GuestAccess.objects.filter(vm_filter="SQL*")] == [40]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"credential": "nobody"}, "there is no credential 'nobody'"),
        ({"host": "hv99"}, "there is no host 'hv99'"),
        ({"vms": "  "}, "printable"),
        ({"timeout": 3}, "timeout is 5 to 100"),
        ({"address": "10.1.2.3"}, "belongs to the channel winrm"),
        ({"channel": "winrm"}, "needs the guest's address"),
        ({"channel": "winrm", "address": "10.1.2.3"}, "exactly one VM must fit"),
    ],
)
def test_what_cannot_be_used_ends_with_2_and_changes_nothing(
    customer: Customer, options: dict[str, Any], said: str
) -> None:
    words = {"customer": "Contoso", "vms": "SQL*", "credential": "guests"} | options
    with pytest.raises(CommandError, match=said) as refused:
        call_command("add_guest_access", **words)
    assert refused.value.returncode == 2
    assert not GuestAccess.objects.exists()


def test_access_that_was_taken_back_reaches_no_guest(customer: Customer) -> None:
    give("SQL*")
    assert audit()["SQL01"]["status"] == "ok"
    call_command("remove_guest_access", customer="Contoso", vms="sql*")
    assert audit() == {}
    assert TrailEntry.objects.filter(action="guest access removed").count() == 1
    with pytest.raises(CommandError, match="there is no guest access") as refused:
        call_command("remove_guest_access", customer="Contoso", vms="SQL*")
    assert refused.value.returncode == 2


def test_another_customers_credential_is_refused(customer: Customer) -> None:
    stranger = Customer.objects.create(name="Fabrikam")
    with pytest.raises(InvalidInput, match="belong together"):
        save_guest_access(None, stranger, "*", customer.credentials.get(name="guests"))


def test_a_person_who_changes_the_way_detaches_the_access_until_it_is_confirmed(customer: Customer) -> None:
    audit()
    give("SQL01", channel="winrm", address="127.96.0.9")
    save_guest_access(
        an_owner(),
        customer,
        "SQL01",
        customer.credentials.get(name="guests"),
        channel="winrm",
        way={"address": "127.96.0.66"},
    )
    assert GuestAccess.objects.get().detached_at is not None
    assert audit() == {}
    give("SQL01", channel="winrm", address="127.96.0.66")
    assert GuestAccess.objects.get().detached_at is None


def test_an_evidence_document_of_a_described_host_can_still_be_stored_without_a_wire(customer: Customer) -> None:
    run = audit_as(Host.objects.select_related("customer").get(), HOST)
    assert run.state == "completed"


RUNNING = VirtualMachine(vm_id="vm", name="SQL01", state=2)


def offer(*, refused: bool = False, is_closed: bool = False, channel: str = "powershell_direct") -> Offer:
    at = timezone.now() if refused else None
    return Offer(GuestAccess(vm_filter="SQL*", channel=channel), {"vm": at}, is_closed=is_closed)


@pytest.mark.parametrize(
    ("vm", "guest", "build", "offered", "reason"),
    [
        (RUNNING, None, 20348, offer(), None),
        (RUNNING, None, None, offer(), None),
        (
            RUNNING,
            Guest(vm_id="vm", os_name="Windows Server 2022", os_version="10.0", os_platform="2"),
            14393,
            offer(),
            None,
        ),
        (RUNNING, Guest(vm_id="vm", os_name="Windows Server 2012 R2", os_version="6.3"), 14393, offer(), "2016"),
        (
            RUNNING,
            Guest(vm_id="vm", os_name="Windows Server 2012 R2", os_version="6.3"),
            9600,
            offer(channel="winrm"),
            None,
        ),
        (RUNNING, Guest(vm_id="vm", os_name="Ubuntu"), 20348, offer(), "Linux"),
        (RUNNING, Guest(vm_id="vm", os_version="9" * 4000), 20348, offer(), None),
        (RUNNING, None, 9600, offer(), "2016"),
        (RUNNING, None, 20348, offer(refused=True), "refused"),
        (RUNNING, None, 20348, offer(is_closed=True), "refused"),
        (VirtualMachine(vm_id="vm", name="SQL01", state=3), None, 20348, offer(), "not running"),
        (VirtualMachine(vm_id="other", name="SQL01", state=2), None, 20348, offer(), "nobody confirmed"),
    ],
)
def test_who_is_asked(
    vm: VirtualMachine, guest: Guest | None, build: int | None, offered: Offer, reason: str | None
) -> None:
    chosen, why_not = choose(vm, guest, build, [offered])
    assert chosen is offered
    assert (why_not is None) is (reason is None)
    assert reason is None or reason in (why_not or "")


def test_the_probe_says_of_a_refused_sign_in_what_the_pipeline_looks_for() -> None:
    assert f"'denied: {REFUSED[0]}'" in probe_script()


def test_a_vm_that_no_access_speaks_of_is_not_spoken_of_either() -> None:
    assert choose(VirtualMachine(vm_id="x", name="FS01", state=2), None, 20348, [offer()]) == (None, None)


def test_a_second_access_that_can_ask_wins_over_a_first_that_cannot() -> None:
    first, second = offer(is_closed=True), offer()
    assert choose(RUNNING, None, 20348, [first, second]) == (second, None)
