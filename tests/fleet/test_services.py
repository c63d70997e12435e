"""A changed way to a host never takes the customer's secret along unasked."""

import pytest
from django.conf import settings

from fleet.accounts.models import User
from fleet.models import Customer, Host
from fleet.services import confirm_credential, save_credential, save_customer, save_host, trust_certificate
from fleet.vault import vault_from
from tests.people import an_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return an_owner()


@pytest.fixture
def host() -> Host:
    customer: Customer = save_customer(None, "Contoso", networks=["10.0.0.0/8"])[0]
    vault = vault_from(settings.FLEET_AUDIT_VAULT_KEY_FILE)
    credential = save_credential(None, customer, "admin", "audit", "s3cret", vault)[0]
    host = Host(customer=customer, name="hv01", address="10.0.0.1", port=5986, credential=credential)
    save_host(None, host)
    return host


@pytest.mark.parametrize(
    ("field", "value"), [("address", "10.0.0.2"), ("port", 443), ("scheme", "http"), ("auth", "kerberos")]
)
def test_a_person_who_changes_the_way_to_a_host_detaches_its_credential(
    owner: User, host: Host, field: str, value: object
) -> None:
    setattr(host, field, value)
    save_host(owner, host)
    host.refresh_from_db()
    assert host.credential_detached_at is not None
    assert confirm_credential(owner, host)
    host.refresh_from_db()
    assert host.credential_detached_at is None


def test_a_change_on_the_command_line_counts_as_confirmed(host: Host) -> None:
    host.address = "10.0.0.2"
    save_host(None, host)
    host.refresh_from_db()
    assert host.credential_detached_at is None


def test_the_first_pin_keeps_the_credential_and_a_replaced_one_detaches_it(owner: User, host: Host) -> None:
    trust_certificate(owner, host, "ab" * 32)
    host.refresh_from_db()
    assert host.credential_detached_at is None
    trust_certificate(owner, host, "cd" * 32, replace=True)
    host.refresh_from_db()
    assert host.credential_detached_at is not None


def test_a_new_tag_detaches_nothing(owner: User, host: Host) -> None:
    host.tags = ["rack 3"]
    save_host(owner, host)
    host.refresh_from_db()
    assert host.credential_detached_at is None
