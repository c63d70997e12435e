"""Who sees what, page by page: the owner everything, a colleague their customer, a stranger nothing."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from audits import urls
from fleet.models import Membership
from tests import people
from tests.pages.conftest import LISTS, Estate, an_estate, downloaded, signed_in

OBJECT_PAGES = (
    "customer",
    "host",
    "vm",
    "finding",
    "run",
    "customer_settings",
    "host_settings",
    "customer_plan",
    "host_plan",
    "schedule",
    "fix_script",
    "offline",
)
ACTS = ("audit_fleet", "audit_customer", "audit_host", "cancel_run", "rerun_failed", "make_bundle", "upload_output")
OPEN_TO_EVERYBODY = {"check", "search", "appearance", "report_csv", "rights", "jea_archive"}
# Files that belong to one host: who may have one, see test_fix_script.py and tests/rights/test_pages.py.
FILES = {"fix_script_file", "bundle"}


def test_every_address_of_audits_stands_in_this_matrix() -> None:
    names = {pattern.name for pattern in urls.urlpatterns}
    assert names == {*LISTS, *OBJECT_PAGES, *ACTS, *OPEN_TO_EVERYBODY, *FILES}
    assert get_resolver().reverse_dict is not None


@pytest.mark.parametrize("page", OBJECT_PAGES)
def test_the_owner_and_a_colleague_see_an_object_and_a_stranger_does_not(
    page: str, estate: Estate, owner: Client, stranger: Client
) -> None:
    colleague = signed_in(people.a_colleague(estate.customer))
    address = estate.pages[page]
    assert owner.get(address).status_code == 200
    assert colleague.get(address).status_code == 200
    assert stranger.get(address).status_code == 404


@pytest.mark.parametrize("page", OBJECT_PAGES)
def test_a_colleague_does_not_see_another_customers_object(page: str, estate: Estate) -> None:
    other = an_estate("Fabrikam", "DC01", "hv77.fabrikam.lab")
    colleague = signed_in(people.a_colleague(other.customer))
    assert colleague.get(estate.pages[page]).status_code == 404


@pytest.mark.parametrize("page", LISTS)
def test_a_list_names_only_what_one_may_see(page: str, estate: Estate) -> None:
    other = an_estate("Fabrikam", "DC01", "hv77.fabrikam.lab")
    text = signed_in(people.a_colleague(other.customer)).get(reverse(page)).content.decode()
    assert "Contoso" not in text
    assert "SQL01" not in text
    assert "hv01.contoso.lab" not in text


@pytest.mark.parametrize("report", ["vm_verdicts", "findings", "saved_state_events"])
def test_a_download_holds_only_what_one_may_see(report: str, estate: Estate, stranger: Client) -> None:
    other = an_estate("Fabrikam", "DC01", "hv77.fabrikam.lab")
    colleague = signed_in(people.a_colleague(other.customer))
    theirs = downloaded(colleague, report, customer=str(estate.customer.pk))
    assert theirs.count(b"\r\n") == 1
    assert b"Fabrikam" in downloaded(colleague, report)
    assert downloaded(stranger, report).count(b"\r\n") == 1


def test_search_finds_only_what_one_may_see(estate: Estate, owner: Client, stranger: Client) -> None:
    assert "hv01.contoso.lab" in owner.get(reverse("search"), {"q": "contoso"}).content.decode()
    assert "hv01.contoso.lab" not in stranger.get(reverse("search"), {"q": "contoso"}).content.decode()


@pytest.mark.parametrize("page", [*LISTS, "search"])
def test_nobody_sees_a_page_without_signing_in(page: str, db: None) -> None:
    answer = Client().get(reverse(page))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/")


def _acts(estate: Estate) -> list[str]:
    return [
        reverse("audit_customer", args=[estate.customer.pk]),
        reverse("audit_host", args=[estate.host.pk]),
        reverse("rerun_failed", args=[estate.run.pk]),
        reverse("cancel_run", args=[estate.run.pk]),
        reverse("make_bundle", args=[estate.host.pk]),
        reverse("upload_output", args=[estate.host.pk]),
    ]


def test_a_stranger_can_start_and_stop_nothing(estate: Estate, stranger: Client) -> None:
    assert [stranger.post(address).status_code for address in _acts(estate)] == [404] * 6


def test_a_viewer_is_told_that_auditing_needs_another_role(estate: Estate) -> None:
    viewer = signed_in(people.a_colleague(estate.customer, role=Membership.Role.VIEWER))
    answer = viewer.post(reverse("audit_host", args=[estate.host.pk]))
    assert answer.status_code == 403
    assert "operator role" in answer.content.decode()
    assert "Audit this host" not in viewer.get(estate.pages["host"]).content.decode()


def test_an_act_is_never_done_by_looking(estate: Estate, owner: Client) -> None:
    addresses = [*_acts(estate), reverse("audit_fleet")]
    assert {owner.get(address).status_code for address in addresses} == {405}
