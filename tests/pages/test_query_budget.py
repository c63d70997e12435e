"""How many queries a page costs: pinned, and the same for a fleet of three hosts and of thirty."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.pages.conftest import Estate

# Two of each are the session and its user. The issue allows the fleet page ten.
BUDGET = {
    "fleet": 9,
    "plan": 6,
    "customers": 4,
    "hosts": 5,
    "vms": 5,
    "episodes": 6,
    "runs": 5,
    "checks": 3,
    "findings": 5,
    "reports": 3,
}
OBJECT_BUDGET = {
    "customer": 14,
    "host": 10,
    "vm": 11,
    "schedule": 4,
    "finding": 6,
    "run": 7,
    "offline": 6,
    "customer_plan": 7,
    "host_plan": 7,
}


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def _grow(estate: Estate, hosts: int) -> None:
    for number in range(hosts):
        host = factories.a_host(estate.customer, f"hv{number + 10}.contoso.lab")
        vm = factories.a_vm(host, f"VM{number}", "saved_state", causes=["VM-ISBACKUP"])
        factories.a_result(host, "VM-ISBACKUP", "fail", vm)
        factories.was_read(host, estate.run)
        factories.count_vms(host)
        factories.a_plan(host, ("VM-ISBACKUP", [vm]))
        factories.a_host_audit(estate.run, host, verdicts={"saved_state": 1})
        factories.it_was(vm, "live")
        factories.a_pause(vm)


@pytest.mark.parametrize("page", BUDGET)
def test_a_list_keeps_its_budget_however_long_it_is(page: str, estate: Estate, owner: Client) -> None:
    few = _queries(owner, reverse(page))
    _grow(estate, 30)
    many = _queries(owner, reverse(page))
    assert many == few
    assert many <= BUDGET[page]


@pytest.mark.parametrize("page", OBJECT_BUDGET)
def test_an_objects_page_keeps_its_budget(page: str, estate: Estate, owner: Client) -> None:
    few = _queries(owner, estate.pages[page])
    _grow(estate, 30)
    many = _queries(owner, estate.pages[page])
    assert many == few
    assert many <= OBJECT_BUDGET[page]
