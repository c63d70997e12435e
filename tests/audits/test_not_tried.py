"""Causes that the product itself brings about, before anything is sent to a host."""

from typing import Any

import pytest
from django.utils import timezone

from audits.judgement.outcomes import Outcome
from audits.models import AuditRun, HostAudit, Trigger
from audits.services import cancel_run, start_run
from fleet.models import Credential, Host, Network
from fleet.vault import vault_from
from tests.audits.estate import audit_here
from tests.audits.world import a_customer, a_host, claimed, end_with, the_audit

pytestmark = pytest.mark.django_db


def with_credential(host: Host, settings: Any, secret: str = "S3cret-canary") -> Host:
    credential = Credential(customer=host.customer, name="admin", username="CONTOSO\\audit")
    vault = vault_from(settings.FLEET_AUDIT_VAULT_KEY_FILE)
    credential.sealed_secret = vault.seal(secret, place=credential.id)
    credential.save()
    host.credential = credential
    host.save()
    return host


def ending_of(run: AuditRun) -> tuple[str, str]:
    audit = HostAudit.objects.get(run=audit_here(run))
    return audit.state, audit.cause


def test_a_host_without_a_credential_is_denied() -> None:
    a_host()
    assert ending_of(start_run(None)) == ("denied", "credential_missing")


def test_a_detached_credential_is_not_sent(settings: Any) -> None:
    host = with_credential(a_host(), settings)
    Host.objects.filter(pk=host.pk).update(credential_detached_at=timezone.now())
    assert ending_of(start_run(None)) == ("denied", "credential_detached")


def test_a_customer_without_networks_is_not_contacted(settings: Any) -> None:
    with_credential(a_host(), settings)
    assert ending_of(start_run(None)) == ("unreachable", "address_not_allowed")


def test_an_address_outside_the_networks_is_not_contacted(settings: Any) -> None:
    host = with_credential(a_host(), settings)
    Network.objects.create(customer=host.customer, cidr="10.1.0.0/16")
    Host.objects.filter(pk=host.pk).update(address="10.2.0.1")
    assert ending_of(start_run(None)) == ("unreachable", "address_not_allowed")


def test_a_secret_that_does_not_open_is_a_matter_of_set_up(settings: Any) -> None:
    host = with_credential(a_host(), settings)
    Credential.objects.filter(customer=host.customer).update(sealed_secret=b"gone:" + b"\0" * 40)
    assert ending_of(start_run(None)) == ("failed", "configuration")
    assert "add_credential" in HostAudit.objects.get().detail


def test_an_open_breaker_is_an_ending_of_its_own(settings: Any) -> None:
    host = with_credential(a_host(), settings)
    for _ in range(3):
        end_with(claimed(start_run(None), host), host, Outcome.UNREACHABLE, "connect_timed_out")
    assert ending_of(start_run(None, trigger=Trigger.SCHEDULED)) == ("unreachable", "circuit_open")


def test_a_cancelled_run_never_reaches_its_hosts(settings: Any) -> None:
    host = with_credential(a_host(a_customer()), settings)
    run = start_run(None)
    cancel_run(None, run)
    audit_here(run)
    assert (the_audit(run, host).state, the_audit(run, host).attempt) == ("cancelled", 0)
