"""Starting, cancelling and repeating runs: who may, what is queued, and what a second click does."""

import pytest
from django.core.exceptions import PermissionDenied

from audits import access
from audits.judgement.outcomes import Outcome
from audits.models import AuditRun, HostAudit, Trigger
from audits.services import NothingToAudit, cancel_run, rerun_failed, start_run
from fleet.models import Membership, TrailEntry
from tests.audits.world import a_customer, a_host, claimed, end_with, the_audit
from tests.people import a_colleague, a_stranger, an_owner

pytestmark = pytest.mark.django_db


def test_an_owner_starts_a_run_of_every_host() -> None:
    a_host(a_customer("Contoso"), "hv01")
    a_host(a_customer("Fabrikam"), "hv02")
    run = start_run(an_owner())
    assert run.target == "All customers"
    assert sorted(run.host_audits.values_list("host__name", "state")) == [("hv01", "queued"), ("hv02", "queued")]


def test_the_trail_says_who_started_it() -> None:
    a_host()
    run = start_run(an_owner("jana"))
    entry = TrailEntry.objects.get(action="audit started")
    assert (entry.actor_name, entry.detail["run"]) == ("jana", str(run.pk))


def test_a_colleagues_run_of_everything_is_a_run_of_their_customers() -> None:
    theirs, other = a_customer("Contoso"), a_customer("Fabrikam")
    a_host(theirs, "hv01")
    a_host(other, "hv02")
    run = start_run(a_colleague(theirs))
    assert list(run.host_audits.values_list("host__name", flat=True)) == ["hv01"]


def test_a_colleague_may_not_name_another_customers_host() -> None:
    theirs, other = a_customer("Contoso"), a_customer("Fabrikam")
    with pytest.raises(PermissionDenied):
        start_run(a_colleague(theirs), hosts=[a_host(theirs, "hv01"), a_host(other, "hv02")])
    assert not AuditRun.objects.exists()


def test_a_viewer_cannot_start_a_run() -> None:
    customer = a_customer()
    a_host(customer)
    with pytest.raises(PermissionDenied):
        start_run(a_colleague(customer, role=Membership.Role.VIEWER), customer=customer)


def test_a_stranger_has_nothing_to_audit() -> None:
    a_host()
    with pytest.raises(NothingToAudit):
        start_run(a_stranger())


def test_a_second_click_returns_the_run_that_waits() -> None:
    host = a_host()
    first = start_run(an_owner(), hosts=[host])
    assert start_run(None, customer=host.customer) == first
    assert HostAudit.objects.count() == 1


def test_once_it_has_begun_a_click_queues_another_run_which_waits() -> None:
    host = a_host()
    first = start_run(None, hosts=[host])
    claim = claimed(first, host)
    second = start_run(None, hosts=[host])
    assert second != first
    assert the_audit(second, host).state == "queued"
    end_with(claim, host, Outcome.DENIED, "credential_missing")
    assert claimed(second, host).run_id == second.pk


def test_cancelling_ends_what_waits_at_once_and_the_run_with_it() -> None:
    host = a_host()
    run = start_run(None, hosts=[host])
    assert cancel_run(an_owner(), run)
    run.refresh_from_db()
    assert (run.state, the_audit(run, host).state, the_audit(run, host).cause) == (
        "cancelled",
        "cancelled",
        "cancelled_by_user",
    )


def test_cancelling_leaves_a_running_host_to_its_worker() -> None:
    waiting, running = a_host(name="hv01"), a_host(a_customer("Fabrikam"), "hv02")
    run = start_run(None)
    claim = claimed(run, running)
    cancel_run(None, run)
    run.refresh_from_db()
    assert (run.state, the_audit(run, waiting).state) == ("running", "cancelled")
    end_with(claim, running, Outcome.CANCELLED, "cancelled_by_user")
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_a_run_is_cancelled_once() -> None:
    run = start_run(None, hosts=[a_host()])
    assert cancel_run(None, run)
    assert not cancel_run(None, run)


def test_a_colleague_may_not_cancel_a_run_that_holds_another_customers_host() -> None:
    theirs = a_customer("Contoso")
    a_host(theirs, "hv01")
    a_host(a_customer("Fabrikam"), "hv02")
    run = start_run(None)
    with pytest.raises(PermissionDenied):
        cancel_run(a_colleague(theirs), run)
    run.refresh_from_db()
    assert run.cancel_requested_at is None


def test_only_hosts_that_did_not_succeed_run_again() -> None:
    customer = a_customer()
    good, bad = a_host(customer, "hv01"), a_host(customer, "hv02")
    run = start_run(None)
    end_with(claimed(run, good), good, Outcome.SUCCEEDED)
    end_with(claimed(run, bad), bad, Outcome.UNREACHABLE, "connection_refused")
    again = rerun_failed(an_owner(), run)
    assert again.retry_of == run
    assert list(again.host_audits.values_list("host__name", flat=True)) == ["hv02"]


def test_a_run_without_failures_has_nothing_to_run_again() -> None:
    host = a_host()
    run = start_run(None)
    end_with(claimed(run, host), host, Outcome.SUCCEEDED)
    with pytest.raises(NothingToAudit):
        rerun_failed(None, run)


def test_each_person_sees_the_runs_of_their_hosts() -> None:
    theirs, other = a_customer("Contoso"), a_customer("Fabrikam")
    a_host(theirs, "hv01")
    a_host(other, "hv02")
    start_run(None, customer=theirs)
    start_run(None, customer=other)
    everything = start_run(None)
    colleague = a_colleague(theirs)
    assert access.audit_runs(an_owner()).count() == 3
    assert set(access.audit_runs(colleague).values_list("target", flat=True)) == {"Contoso", "All customers"}
    assert list(access.host_audits(colleague).filter(run=everything).values_list("host__name", flat=True)) == ["hv01"]
    assert not access.audit_runs(a_stranger()).exists()


def test_on_demand_goes_before_scheduled_on_the_same_host() -> None:
    host = a_host()
    nightly = start_run(None, hosts=[host], trigger=Trigger.SCHEDULED)
    click = start_run(None, hosts=[host])
    assert claimed(nightly, host).run_id == click.pk
