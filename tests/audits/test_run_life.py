"""The life of a host audit: claims, leases, attempts, breakers, and a worker that comes too late."""

import pytest
from django.db import connection

from audits import upkeep
from audits.judgement.outcomes import Outcome
from audits.models import AuditRun, HostAudit, Trigger
from audits.pipeline.breaker import HALF_OPEN_AFTER, why_not_tried
from audits.pipeline.claim import ClaimLost, take
from audits.pipeline.lease import LeaseKeeper
from audits.pipeline.progress import Progress
from audits.services import cancel_run, start_run
from audits.upkeep import Hint
from fleet.models import Credential, Host
from tests.audits.world import a_customer, a_host, claimed, end_with, known_state, let_lease_expire, the_audit

pytestmark = pytest.mark.django_db

UNREACHABLE = (Outcome.UNREACHABLE, "connect_timed_out")


class Broker:
    """What was sent, in order."""

    def __init__(self) -> None:
        self.hints: list[Hint] = []

    def send(self, hints: object) -> None:
        self.hints.extend(hints)  # type: ignore[arg-type]

    @property
    def names(self) -> list[str]:
        return [HostAudit.objects.get(pk=hint.host_audit_id).host.name for hint in self.hints]


def test_a_claim_is_given_once() -> None:
    host = a_host()
    run = start_run(None)
    claimed(run, host)
    assert take(the_audit(run, host).pk, "worker-2") is None


def test_a_host_is_audited_by_one_worker_at_a_time() -> None:
    host = a_host()
    first = start_run(None, hosts=[host])
    claimed(first, host)
    second = start_run(None, hosts=[host])
    assert take(the_audit(second, host).pk, "worker-2") is None


def test_the_first_claim_begins_the_run() -> None:
    host = a_host()
    run = start_run(None)
    claimed(run, host)
    run.refresh_from_db()
    assert (run.state, run.started_at is not None) == ("running", True)


def test_the_last_host_ends_the_run() -> None:
    customer = a_customer()
    hosts = [a_host(customer, "hv01"), a_host(customer, "hv02")]
    run = start_run(None)
    for host, expected in zip(hosts, ("running", "completed"), strict=True):
        end_with(claimed(run, host), host, *UNREACHABLE)
        run.refresh_from_db()
        assert run.state == expected


def test_an_expired_lease_queues_the_audit_again() -> None:
    host = a_host()
    run = start_run(None)
    let_lease_expire(claimed(run, host))
    assert upkeep.reap_expired_leases() == 1
    assert claimed(run, host, "worker-2").attempt == 2


def test_a_lease_that_is_held_is_left_alone() -> None:
    host = a_host()
    claimed(start_run(None), host)
    assert upkeep.reap_expired_leases() == 0


def test_a_renewed_lease_does_not_expire() -> None:
    host = a_host()
    claim = claimed(start_run(None), host)
    keeper = LeaseKeeper()
    with keeper.holding(claim, seconds=60):
        let_lease_expire(claim)
        assert keeper.renew() == 1
    assert upkeep.reap_expired_leases() == 0


def test_beyond_its_hard_deadline_a_lease_is_not_renewed() -> None:
    host = a_host()
    claim = claimed(start_run(None), host)
    keeper = LeaseKeeper()
    with keeper.holding(claim, seconds=0):
        assert keeper.renew() == 0


def test_a_host_that_loses_three_workers_fails_and_its_run_ends() -> None:
    host = a_host()
    run = start_run(None)
    for worker in ("worker-1", "worker-2", "worker-3"):
        let_lease_expire(claimed(run, host, worker))
        upkeep.tick(Broker().send)
    run.refresh_from_db()
    audit = the_audit(run, host)
    assert (audit.state, audit.cause, audit.attempt, run.state) == ("failed", "worker_lost", 3, "completed")
    assert known_state(host).last_cause == "worker_lost"


def test_a_lost_worker_of_a_cancelled_run_is_not_replaced() -> None:
    host = a_host()
    run = start_run(None)
    claim = claimed(run, host)
    cancel_run(None, run)
    let_lease_expire(claim)
    upkeep.tick(Broker().send)
    run.refresh_from_db()
    assert (the_audit(run, host).state, run.state) == ("cancelled", "cancelled")


def test_a_worker_that_comes_too_late_writes_nothing() -> None:
    host = a_host()
    run = start_run(None)
    late = claimed(run, host)
    let_lease_expire(late)
    upkeep.reap_expired_leases()
    end_with(claimed(run, host, "worker-2"), host, Outcome.SUCCEEDED)
    with pytest.raises(ClaimLost):
        end_with(late, host, *UNREACHABLE)
    assert the_audit(run, host).state == "succeeded"
    assert known_state(host).last_outcome == "succeeded"


def test_an_audit_ends_once() -> None:
    host = a_host()
    run = start_run(None)
    claim = claimed(run, host)
    end_with(claim, host, Outcome.SUCCEEDED)
    with pytest.raises(ClaimLost):
        end_with(claim, host, Outcome.SUCCEEDED)


def test_a_running_audit_hears_that_its_run_was_cancelled() -> None:
    host = a_host()
    run = start_run(None)
    claim = claimed(run, host)
    assert not Progress(claim).should_stop()
    cancel_run(None, run)
    assert Progress(claim).should_stop()


def test_a_running_audit_hears_that_it_lost_its_claim() -> None:
    host = a_host()
    claim = claimed(start_run(None), host)
    let_lease_expire(claim)
    upkeep.reap_expired_leases()
    assert Progress(claim).should_stop()


def test_every_waiting_audit_gets_one_hint() -> None:
    a_host()
    start_run(None)
    broker = Broker()
    upkeep.dispatch(broker.send)
    upkeep.dispatch(broker.send)
    assert broker.names == ["hv01"]


def test_a_hint_that_led_to_nothing_is_sent_again() -> None:
    a_host()
    start_run(None)
    broker = Broker()
    upkeep.dispatch(broker.send)
    forget_a_minute()
    upkeep.dispatch(broker.send)
    assert broker.names == ["hv01", "hv01"]


def test_customers_take_turns_and_clicks_go_first() -> None:
    big, small = a_customer("Big"), a_customer("Small")
    for number in range(3):
        a_host(big, f"big{number}")
    a_host(small, "small0")
    start_run(None, customer=big, trigger=Trigger.SCHEDULED)
    start_run(None, customer=small, trigger=Trigger.SCHEDULED)
    clicked = a_host(a_customer("Clicked"), "clicked0")
    start_run(None, hosts=[clicked])
    broker = Broker()
    upkeep.dispatch(broker.send)
    assert broker.names[0] == "clicked0"
    assert "small0" in broker.names[1:3]


def test_hints_under_way_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "MOST_HINTS_UNDER_WAY", 2)
    customer = a_customer()
    for number in range(5):
        a_host(customer, f"hv{number}")
    start_run(None)
    broker = Broker()
    upkeep.dispatch(broker.send)
    upkeep.dispatch(broker.send)
    assert len(broker.hints) == 2


def test_an_audit_whose_host_is_busy_gets_its_hint_when_the_host_is_free() -> None:
    host = a_host()
    claim = claimed(start_run(None, hosts=[host]), host)
    second = start_run(None, hosts=[host])
    broker = Broker()
    assert upkeep.dispatch(broker.send) == 0
    end_with(claim, host, *UNREACHABLE)
    assert [hint.host_audit_id for hint in upkeep.next_hint_for(host.pk)] == [the_audit(second, host).pk]


def forget_a_minute() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audits_hostaudit SET enqueued_at = enqueued_at - interval '1 minute'")


def unreachable_three_times(host: Host) -> None:
    for _ in range(3):
        end_with(claimed(start_run(None, hosts=[host]), host), host, *UNREACHABLE)


def test_a_schedule_skips_a_host_that_was_unreachable_three_times() -> None:
    host = a_host()
    unreachable_three_times(host)
    claim = claimed(start_run(None, hosts=[host], trigger=Trigger.SCHEDULED), host)
    ending = why_not_tried(claim, host)
    assert ending is not None
    assert ending.code == "circuit_open"


def test_on_demand_such_a_host_is_tried() -> None:
    host = a_host()
    unreachable_three_times(host)
    assert why_not_tried(claimed(start_run(None, hosts=[host]), host), host) is None


def test_an_open_breaker_is_half_open_after_a_quarter_of_an_hour() -> None:
    host = a_host()
    unreachable_three_times(host)
    skipped = claimed(start_run(None, hosts=[host], trigger=Trigger.SCHEDULED), host)
    end_with(skipped, host, Outcome.UNREACHABLE, "circuit_open")
    HostAudit.objects.exclude(pk=skipped.id).update(
        finished_at=the_audit(AuditRun.objects.get(pk=skipped.run_id), host).finished_at - HALF_OPEN_AFTER  # type: ignore[operator]
    )
    claim = claimed(start_run(None, hosts=[host], trigger=Trigger.SCHEDULED), host)
    assert why_not_tried(claim, host) is None


def test_the_second_rejection_in_a_run_protects_the_account_from_a_third() -> None:
    customer = a_customer()
    credential = Credential.objects.create(customer=customer, name="admin", username="u", sealed_secret=b"")
    hosts = [a_host(customer, f"hv0{number}") for number in range(3)]
    Host.objects.update(credential=credential)
    run = start_run(None, customer=customer, trigger=Trigger.SCHEDULED)
    for host in hosts:
        host.refresh_from_db()
    for host in hosts[:2]:
        claim = claimed(run, host)
        assert why_not_tried(claim, host) is None
        end_with(claim, host, Outcome.DENIED, "credential_rejected")
    ending = why_not_tried(claimed(run, hosts[2]), hosts[2])
    assert ending is not None
    assert ending.code == "circuit_open"


def test_a_schedule_does_not_repeat_a_rejected_credential_until_it_is_entered_anew() -> None:
    customer = a_customer()
    credential = Credential.objects.create(customer=customer, name="admin", username="u", sealed_secret=b"")
    host = a_host(customer)
    host.credential = credential
    host.save()
    rejected = claimed(start_run(None, hosts=[host]), host)
    end_with(rejected, host, Outcome.DENIED, "credential_rejected")
    claim = claimed(start_run(None, hosts=[host], trigger=Trigger.SCHEDULED), host)
    assert why_not_tried(claim, host) is not None
    credential.save()  # entered anew
    host.refresh_from_db()
    assert why_not_tried(claim, host) is None


def test_a_cancelled_audit_does_not_hide_the_last_outcome() -> None:
    host = a_host()
    end_with(claimed(start_run(None, hosts=[host]), host), host, *UNREACHABLE)
    end_with(claimed(start_run(None, hosts=[host]), host), host, Outcome.CANCELLED, "cancelled_by_user")
    assert known_state(host).last_cause == "connect_timed_out"
