"""Scope: an owner sees all, a colleague their own customers, a stranger and a dismissed person nothing."""

import pytest
from django.contrib.auth.models import AnonymousUser

from fleet import access
from fleet.models import Customer, Host, Membership
from tests.people import a_colleague, a_stranger, an_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def contoso() -> Customer:
    return _customer_with_host("Contoso")


@pytest.fixture
def fabrikam() -> Customer:
    return _customer_with_host("Fabrikam")


def _customer_with_host(name: str) -> Customer:
    customer = Customer.objects.create(name=name)
    Host.objects.create(customer=customer, name="hv01", address="10.0.0.1", port=5986)
    return customer


def test_an_owner_sees_every_customer(contoso: Customer, fabrikam: Customer) -> None:
    assert set(access.customers(an_owner())) == {contoso, fabrikam}


def test_a_colleague_sees_the_own_customers_and_their_hosts_only(contoso: Customer, fabrikam: Customer) -> None:
    colleague = a_colleague(contoso)
    assert list(access.customers(colleague)) == [contoso]
    assert [host.customer for host in access.hosts(colleague)] == [contoso]


def test_a_stranger_sees_nothing(contoso: Customer) -> None:
    assert not access.customers(a_stranger()).exists()
    assert not access.hosts(a_stranger("other")).exists()
    assert not access.customers(AnonymousUser()).exists()


def test_a_dismissed_owner_sees_nothing(contoso: Customer) -> None:
    owner = an_owner()
    owner.is_active = False
    assert not access.customers(owner).exists()
    assert not access.may_audit(owner, contoso)


def test_a_viewer_may_look_and_not_audit(contoso: Customer) -> None:
    viewer = a_colleague(contoso, role=Membership.Role.VIEWER)
    assert access.customers(viewer).exists()
    assert not access.may_audit(viewer, contoso)


def test_an_operator_may_audit_the_own_customer_only(contoso: Customer, fabrikam: Customer) -> None:
    operator = a_colleague(contoso)
    assert access.may_audit(operator, contoso)
    assert not access.may_audit(operator, fabrikam)
