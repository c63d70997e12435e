"""A VM's page says what its guest said, when and how; and a customer's page says who may be asked."""

import pytest
from django.test import Client
from django.urls import reverse

from audits.models import HostState, Verdict
from audits.queries.inside import inside_of
from fleet.guest_access import grant, save_guest_access
from fleet.models import Credential, GuestAccess
from simulator import windows
from tests import factories, people
from tests.pages.conftest import Estate, signed_in

HOSTILE = "<script>alert(1)</script>\u202ecod"


def page_of(owner: Client, verdict: Verdict) -> str:
    return owner.get(reverse("vm", args=[verdict.pk])).content.decode()


def told(estate: Estate, **fields: object) -> None:
    """The estate's VM as its guest told of it."""
    reading: dict[str, object] = {
        "vm_id": estate.vm.virtual_machine.guid,
        "channel": "powershell_direct",
        "status": "ok",
        "reason": None,
        "services": [{"name": "VSS", "start_mode": "Disabled", "state": "Stopped"}],
        "volumes": [{"volume_id": "v", "name": "D:\\", "file_system": "FAT32", "capacity_bytes": 1024**3}],
        "disks": [{"number": 0, "bus_type": 9, "partition_style": 2, "is_dynamic": True}],
        "writers": [{"writer_id": "w", "name": "SqlServerWriter", "state": 9}],
        "gaps": ["events: absent"],
    }
    sections = factories.evidence(guests={"guests": [reading | fields]})
    factories.was_read(estate.host, estate.run, sections=sections)


def test_without_access_the_page_says_what_would_answer(owner: Client, estate: Estate) -> None:
    page = page_of(owner, estate.vm)
    assert "Nobody gave access to this guest" in page
    assert "manage.py add_guest_access" in page


def test_what_the_guest_said_stands_on_the_page(owner: Client, estate: Estate) -> None:
    told(estate)
    page = page_of(owner, estate.vm)
    assert "by PowerShell Direct" in page
    for words in ("Dynamic", "FAT32", "iSCSI", "Disabled", "SqlServerWriter", "1 writer not stable", "events: absent"):
        assert words in page


@pytest.mark.parametrize(
    ("status", "reason", "shown"),
    [
        ("denied", "denied: PSDirectException", "Denied"),
        ("timed_out", "timed_out: System.TimeoutException", "Timed out"),
        ("skipped", "the VM is not running", "Skipped"),
    ],
)
def test_a_guest_that_told_nothing_shows_why(
    owner: Client, estate: Estate, status: str, reason: str, shown: str
) -> None:
    told(estate, status=status, reason=reason, services=None, volumes=None, disks=None, writers=None)
    page = page_of(owner, estate.vm)
    assert shown in page
    assert reason in page
    assert "Basic" not in page


def test_a_volume_without_a_drive_letter_is_told_by_its_partition(owner: Client, estate: Estate) -> None:
    efi = {"volume_id": "e", "name": "\\\\?\\Volume{1}\\", "partition_type": "{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}"}
    told(estate, volumes=[efi, {"volume_id": "x", "name": "\\\\?\\Volume{2}\\"}])
    page = page_of(owner, estate.vm)
    assert "EFI system partition" in page
    assert "no drive letter" in page


def test_what_was_not_read_is_never_shown_as_sound(owner: Client, estate: Estate) -> None:
    told(estate, disks=[{"number": 0, "is_dynamic": None}], volumes=None, writers=None)
    page = page_of(owner, estate.vm)
    assert "Not known" in page
    assert "Volumes were not read" in page
    assert "writers not read" in page
    assert "Basic" not in page


def test_a_hostile_guest_is_shown_escaped(owner: Client, estate: Estate) -> None:
    told(
        estate,
        services=[{"name": HOSTILE, "start_mode": HOSTILE, "state": HOSTILE}],
        volumes=[{"volume_id": "v", "name": HOSTILE, "file_system": HOSTILE, "capacity_bytes": 2**80}],
        writers=[{"writer_id": HOSTILE, "name": None, "state": None}],
        gaps=[HOSTILE],
        channel=HOSTILE,
    )
    page = page_of(owner, estate.vm)
    assert "<script>alert(1)" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page


def test_the_customers_page_shows_who_may_be_asked_and_who_waits(owner: Client, estate: Estate) -> None:
    credential = Credential.objects.create(customer=estate.customer, name="guests", username="u", sealed_secret=b"x")
    access, _ = save_guest_access(None, estate.customer, "SQL*", credential)
    factories.a_vm(estate.host, f"SQL{HOSTILE}", "live")
    grant(None, access, [(estate.vm.virtual_machine.guid, "SQL01")])
    page = owner.get(reverse("customer", args=[estate.customer.pk])).content.decode()
    assert "Guest access" in page
    assert "guests" in page
    assert "SQL&lt;script&gt;" in page
    assert "<script>alert(1)" not in page


def test_the_customers_page_says_nothing_of_access_where_there_is_none(owner: Client, estate: Estate) -> None:
    assert "Guest access" not in owner.get(reverse("customer", args=[estate.customer.pk])).content.decode()


def test_a_colleague_of_another_customer_sees_no_access(estate: Estate) -> None:
    colleague = signed_in(people.a_colleague(estate.customer))
    stranger = factories.a_customer("Fabrikam")
    credential = Credential.objects.create(customer=stranger, name="secret-name", username="u", sealed_secret=b"x")
    save_guest_access(None, stranger, "HIDDEN*", credential)
    assert GuestAccess.objects.exists()
    assert colleague.get(reverse("customer", args=[stranger.pk])).status_code == 404
    assert "HIDDEN" not in colleague.get(reverse("customer", args=[estate.customer.pk])).content.decode()


def test_a_host_without_state_has_no_reading() -> None:
    assert inside_of(None, None, "x") is None
    assert inside_of(HostState(sections={}), {"guests": None}, windows.guid("x")) is None
