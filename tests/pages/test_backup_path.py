"""The settings pages: a choice is shown with its effect, set by who may, and never by looking."""

import pytest
from django.test import Client
from django.urls import reverse

from audits.models import Verdict
from fleet.models import Customer, Host, Membership
from simulator import windows
from tests import people
from tests.audits.judged import audit_as
from tests.audits.world import a_host
from tests.pages.conftest import signed_in

pytestmark = pytest.mark.django_db

SAID = windows.host("hv01", vms=[windows.vm("SQL01", backup_service=False, has_reference_point=True)])


@pytest.fixture
def host() -> Host:
    host = a_host()
    audit_as(host, SAID)
    return host


def pages(host: Host) -> list[str]:
    return [reverse("customer_settings", args=[host.customer_id]), reverse("host_settings", args=[host.pk])]


def test_the_page_shows_the_hint_with_its_reason(host: Host, owner: Client) -> None:
    for page in pages(host):
        text = owner.get(page).content.decode()
        assert "The evidence suggests: Hyper-V WMI (RCT)" in text
        assert (
            "1 of 1 running VMs have a reference point" in text
            or "1 of 1 host since Server 2016 with signs of the Hyper-V WMI path" in text
        )


def test_choosing_shows_the_effect_and_sets_nothing(host: Host, owner: Client) -> None:
    for page in pages(host):
        text = owner.get(page, {"backup_path": "wmi"}).content.decode()
        assert "1 verdict would change" in text
        assert "None" not in text
        assert "SQL01" in text and "Saved state" in text and "Crash-consistent" in text
        assert "crash-consistent or fail, as the backup product decides" in text
    assert (Customer.objects.get().backup_path, Verdict.objects.get().verdict) == ("unknown", "saved_state")


def test_posting_sets_it_and_says_what_changed(host: Host, owner: Client) -> None:
    for page in pages(host):
        answer = owner.post(page, {"backup_path": "wmi"}, follow=True)
        assert "The backup path is set." in answer.content.decode()
    assert (Customer.objects.get().backup_path, Host.objects.get().backup_path) == ("wmi", "wmi")
    assert Verdict.objects.get().verdict == "crash_consistent"
    owner.post(pages(host)[1], {"backup_path": ""})
    assert Host.objects.get().backup_path == ""


def test_a_viewer_sees_the_effect_and_may_not_set_it(host: Host) -> None:
    viewer = signed_in(people.a_colleague(host.customer, role=Membership.Role.VIEWER))
    for page in pages(host):
        text = viewer.get(page, {"backup_path": "wmi"}).content.decode()
        assert "1 verdict would change" in text
        assert "needs the operator role" in text
        assert viewer.post(page, {"backup_path": "wmi"}).status_code == 403
    assert Customer.objects.get().backup_path == "unknown"


def test_a_stranger_can_neither_look_nor_set(host: Host, stranger: Client) -> None:
    for page in pages(host):
        assert stranger.get(page).status_code == 404
        assert stranger.post(page, {"backup_path": "wmi"}).status_code == 404


def test_a_word_that_is_no_path_is_said_and_changes_nothing(host: Host, owner: Client) -> None:
    for page in pages(host):
        for answer in (owner.get(page, {"backup_path": "both"}), owner.post(page, {"backup_path": "both"})):
            assert answer.status_code == 400
            assert "Choose one of the ways below" in answer.content.decode()


def test_an_old_host_is_told_that_its_setting_changes_nothing(owner: Client) -> None:
    host = a_host()
    audit_as(host, windows.host("hv01", build=9600, vms=[windows.vm("SQL01")]))
    text = owner.get(pages(host)[1]).content.decode()
    assert "On this host the setting changes nothing" in text
    assert "Windows Server 2012 R2 has only the host VSS writer’s path" in text


def test_pages_before_the_first_audit_say_why_there_is_no_hint(owner: Client) -> None:
    host = a_host()
    assert "No host was read yet" in owner.get(pages(host)[0]).content.decode()
    assert "The host was not read yet" in owner.get(pages(host)[1]).content.decode()
    assert "No verdict would change" in owner.get(pages(host)[1], {"backup_path": "wmi"}).content.decode()
