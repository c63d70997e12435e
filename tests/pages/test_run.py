"""The run's page: live while it runs, quiet afterwards."""

import pytest
from django.test import Client
from django.urls import reverse

from audits.judgement.words import Section
from audits.models import AuditRun
from tests import factories
from tests.pages.conftest import Estate


@pytest.fixture
def running(db: None) -> AuditRun:
    customer = factories.a_customer()
    run = factories.a_run(state="running", minutes_ago=1)
    factories.a_host_audit(run, factories.a_host(customer, "done.lab"), verdicts={"live": 4})
    failed = factories.a_host(customer, "failed.lab")
    factories.a_host_audit(run, failed, state="denied", cause="credential_rejected")
    reading = factories.a_host(customer, "reading.lab")
    sections = [{"section": "identity", "status": "ok"}, {"section": "services", "status": "ok"}]
    factories.a_host_audit(run, reading, state="running", sections=sections)
    factories.a_host_audit(run, factories.a_host(customer, "queued.lab"), state="queued")
    return run


def _poll(client: Client, run: AuditRun) -> str:
    address = reverse("run", args=[run.pk])
    return client.get(address, headers={"HX-Request": "true", "HX-Target": "run"}).content.decode()


def test_an_open_run_asks_for_itself_every_two_seconds(owner: Client, running: AuditRun) -> None:
    text = owner.get(reverse("run", args=[running.pk])).content.decode()
    assert 'hx-trigger="every 2s"' in text
    assert "2 of 4 hosts finished." in text
    assert f"reading section 3 of {len(Section)}" in text
    assert "waits for a worker" in text


def test_the_poll_brings_the_changing_part_alone(owner: Client, running: AuditRun) -> None:
    text = _poll(owner, running)
    assert "<html" not in text
    assert text.lstrip().startswith('<div id="run"')
    assert "50 % of the hosts have finished." in text


def test_the_poll_of_an_ended_run_stops_itself(owner: Client, running: AuditRun) -> None:
    AuditRun.objects.filter(pk=running.pk).update(state="completed", finished_at=running.started_at)
    text = _poll(owner, running)
    assert "hx-get" not in text
    assert "The run has ended." in text


def test_an_ended_run_says_what_to_do_about_each_cause(owner: Client, running: AuditRun) -> None:
    AuditRun.objects.filter(pk=running.pk).update(state="completed", finished_at=running.started_at)
    text = owner.get(reverse("run", args=[running.pk])).content.decode()
    assert "Sign-in rejected" in text
    assert "Check user name, password, expiry and lock-out of the account" in text
    assert "Re-run the" in text


def test_a_tile_filters_the_hosts(owner: Client, running: AuditRun) -> None:
    text = owner.get(reverse("run", args=[running.pk]), {"state": "failed"}).content.decode()
    assert "failed.lab" in text
    assert "queued.lab" not in text


def test_audit_now_leads_to_the_run(owner: Client, estate: Estate) -> None:
    answer = owner.post(reverse("audit_host", args=[estate.host.pk]))
    run = AuditRun.objects.get(host=estate.host)
    assert answer.headers["Location"] == reverse("run", args=[run.pk])


def test_stop_run_stops_what_has_not_begun(owner: Client, running: AuditRun) -> None:
    owner.post(reverse("cancel_run", args=[running.pk]))
    assert "Stopping" in owner.get(reverse("run", args=[running.pk])).content.decode()
    assert running.host_audits.filter(state="cancelled").count() == 1


def test_rerun_takes_the_hosts_that_did_not_succeed(owner: Client, running: AuditRun) -> None:
    AuditRun.objects.filter(pk=running.pk).update(state="completed", finished_at=running.started_at)
    owner.post(reverse("rerun_failed", args=[running.pk]))
    again = AuditRun.objects.get(retry_of=running)
    assert [audit.host.name for audit in again.host_audits.all()] == ["failed.lab"]
