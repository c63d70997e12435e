"""An empty page says what will be there, why it is empty, and one thing to do."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories


def test_an_empty_fleet_shows_the_way_to_the_first_audit(owner: Client) -> None:
    text = owner.get("/").content.decode()
    assert "This page will show which VMs the next backup pauses" in text
    assert "add_customer" in text


def test_a_customer_without_hosts_says_how_to_import_them(owner: Client) -> None:
    customer = factories.a_customer()
    text = owner.get(reverse("customer", args=[customer.pk])).content.decode()
    assert "No host yet." in text
    assert "import_hosts" in text


def test_a_host_that_was_never_read_says_what_an_audit_will_show(owner: Client) -> None:
    host = factories.a_host(factories.a_customer())
    text = owner.get(reverse("host", args=[host.pk])).content.decode()
    assert "Not read yet." in text
    assert "Audit this host" in text


def test_lists_name_a_host_before_its_first_audit(owner: Client) -> None:
    host = factories.a_host(factories.a_customer())
    for address in (reverse("hosts"), reverse("customer", args=[host.customer_id])):
        text = owner.get(address).content.decode()
        assert "never audited" in text
        assert '<span class="faint">never</span>' in text


EMPTY_LISTS = {
    "customers": "No customer has been entered",
    "hosts": "No host has been entered yet",
    "vms": "No host has been read yet",
    "runs": "No audit has run yet",
    "findings": "Nothing has been found",
}


@pytest.mark.parametrize("page", EMPTY_LISTS)
def test_an_empty_list_says_why(page: str, owner: Client) -> None:
    assert EMPTY_LISTS[page] in owner.get(reverse(page)).content.decode()


FILTERED = {"vms": "verdict=live", "hosts": "q=nobody", "findings": "severity=info", "runs": "state=queued"}


@pytest.mark.parametrize("page", FILTERED)
def test_a_filter_that_finds_nothing_offers_the_way_back(page: str, owner: Client) -> None:
    text = owner.get(f"{reverse(page)}?{FILTERED[page]}").content.decode()
    assert "Show all" in text or "Clear filter" in text


@pytest.mark.parametrize("query", ["sort=nonsense", "page=99", "page=x", "customer=x", "host=x", "verdict=x", "q=%00"])
def test_an_address_that_means_nothing_is_no_error(query: str, owner: Client) -> None:
    for page in ("vms", "hosts", "findings", "runs", "customers", "checks", "search"):
        assert owner.get(f"{reverse(page)}?{query}").status_code == 200


def test_a_missing_page_looks_like_the_product(owner: Client) -> None:
    answer = owner.get("/no-such-page/")
    assert answer.status_code == 404
    assert "There is nothing here for you." in answer.content.decode()


def test_an_empty_plan_says_that_nothing_is_left_to_do(owner: Client) -> None:
    host = factories.a_host(factories.a_customer())
    factories.a_vm(host, "SQL01", "live")
    factories.was_read(host)
    factories.count_vms(host)
    factories.a_plan(host)
    for address in (reverse("plan"), reverse("customer_plan", args=[host.customer_id]), reverse("fleet")):
        text = owner.get(address).content.decode()
        assert "Nothing to plan" in text
        assert "Every VM that can be judged is live." in text


def test_a_plan_before_the_first_audit_says_what_will_be_there(owner: Client) -> None:
    assert "After the first audit this page says which fixes" in owner.get(reverse("plan")).content.decode()


def test_a_host_that_was_read_before_there_were_plans_says_when_it_is_planned(owner: Client) -> None:
    host = factories.a_host(factories.a_customer())
    factories.a_vm(host, "SQL01", "saved_state", causes=["VM-ISBACKUP"])
    factories.was_read(host)
    factories.count_vms(host)
    assert "1 host will be planned at the next audit" in owner.get(reverse("fleet")).content.decode()
    assert "1 host will be planned at the next audit" in owner.get(reverse("plan")).content.decode()


def test_a_plan_that_makes_no_vm_live_does_not_say_that_all_is_well(owner: Client) -> None:
    host = factories.a_host(factories.a_customer())
    factories.a_vm(host, "SQL01", "unknown")
    factories.was_read(host)
    factories.count_vms(host)
    factories.a_plan(host, not_plannable_vms=1)
    for address in (reverse("plan"), reverse("fleet")):
        text = owner.get(address).content.decode()
        assert "Every VM that can be judged is live." not in text
        assert "No fix makes another VM live" in text
