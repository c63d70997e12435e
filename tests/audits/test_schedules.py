"""Schedules: who may enter them, when they start a run, exactly once, and what happens while the server is off."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audits import upkeep
from audits.models import AuditRun, HostAudit, Schedule, Trigger
from audits.pipeline.due import start_due_schedules
from audits.schedules import save_schedule
from fleet.models import Customer, Membership, TrailEntry
from fleet.services import InvalidInput
from tests.audits.world import a_customer, a_host
from tests.people import a_colleague, a_stranger, an_owner

pytestmark = pytest.mark.django_db

NIGHT = (time(22), time(4))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_schedule(customer: Customer, **fields: object) -> Schedule:
    """22:00 to 04:00 UTC, an hour before and a quarter after, last looked at on Wednesday noon."""
    schedule, _ = save_schedule(None, customer, window=NIGHT, time_zone="UTC")
    values = {"next_at": at("2026-11-25T21:00"), **fields}
    Schedule.objects.filter(pk=schedule.pk).update(**values)
    schedule.refresh_from_db()
    return schedule


def run_command(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("set_schedule", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), err.getvalue()


def test_a_due_schedule_queues_its_customers_hosts_as_scheduled() -> None:
    contoso, fabrikam = a_customer("Contoso"), a_customer("Fabrikam")
    hosts = [a_host(contoso, "hv01"), a_host(contoso, "hv02")]
    a_host(fabrikam, "hv99")
    schedule = a_schedule(contoso)
    assert start_due_schedules(at("2026-11-25T21:00:03")) == 1
    run = AuditRun.objects.get()
    assert (run.trigger, run.customer, run.requested_by_name) == (Trigger.SCHEDULED, contoso, "schedule")
    audits = HostAudit.objects.filter(run=run)
    assert {audit.host_id for audit in audits} == {host.pk for host in hosts}
    assert {audit.queue for audit in audits} == {Trigger.SCHEDULED}
    schedule.refresh_from_db()
    assert (schedule.last_run, schedule.next_at, schedule.note) == (run, at("2026-11-26T04:15"), "")


def test_nothing_starts_before_its_time() -> None:
    a_host(contoso := a_customer())
    a_schedule(contoso)
    assert start_due_schedules(at("2026-11-25T20:59:59")) == 0
    assert not AuditRun.objects.exists()


def test_taken_twice_it_starts_one_run() -> None:
    a_host(contoso := a_customer())
    a_schedule(contoso)
    now = at("2026-11-25T21:00:03")
    assert (start_due_schedules(now), start_due_schedules(now)) == (1, 0)
    assert AuditRun.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_schedule_that_another_process_is_taking_is_left_to_it() -> None:
    a_host(contoso := a_customer())
    schedule = a_schedule(contoso)

    def take_elsewhere() -> int:
        try:
            return start_due_schedules(at("2026-11-25T21:00:03"))
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        Schedule.objects.select_for_update().get(pk=schedule.pk)
        assert pool.submit(take_elsewhere).result() == 0
    assert not AuditRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_processes_at_once_start_one_run_per_schedule() -> None:
    for number in range(12):
        a_host(customer := a_customer(f"Customer {number}"), f"hv{number}")
        a_schedule(customer)

    def take(_: int) -> int:
        try:
            return start_due_schedules(at("2026-11-25T21:00:03"))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, range(4)))
    assert sum(taken) == 12
    assert AuditRun.objects.count() == 12


def test_the_tick_starts_what_is_due_and_sends_its_hint_at_once() -> None:
    a_host(contoso := a_customer())
    due_at = datetime.now(UTC).replace(second=0, microsecond=0)
    window = ((due_at - timedelta(hours=3)).time(), (due_at - timedelta(minutes=15)).time())
    save_schedule(None, contoso, window=window, time_zone="UTC")
    Schedule.objects.update(next_at=due_at)
    sent: list[upkeep.Hint] = []
    upkeep.tick(sent.extend)
    assert [hint.host_audit_id for hint in sent] == [HostAudit.objects.get().pk]
    assert [hint.queue for hint in sent] == ["scheduled"]


def test_a_missed_harvest_runs_once_however_late_and_says_so() -> None:
    a_host(contoso := a_customer())
    schedule = a_schedule(contoso)
    start_due_schedules(at("2026-11-28T12:00"))
    assert AuditRun.objects.count() == 1
    schedule.refresh_from_db()
    assert schedule.next_at == at("2026-11-28T21:00")
    assert "due at 2026-11-28 04:15 UTC ran late" in schedule.note


def test_a_missed_prediction_is_made_up_for_while_the_window_has_not_begun() -> None:
    a_host(contoso := a_customer())
    schedule = a_schedule(contoso)
    start_due_schedules(at("2026-11-25T21:40"))
    assert AuditRun.objects.count() == 1
    schedule.refresh_from_db()
    assert "ran late" in schedule.note


@pytest.mark.parametrize("now", ["2026-11-25T22:00", "2026-11-26T03:00", "2026-11-26T04:10"])
def test_a_missed_prediction_is_left_out_with_a_note_once_the_window_has_begun(now: str) -> None:
    a_host(contoso := a_customer())
    schedule = a_schedule(contoso)
    assert start_due_schedules(at(now)) == 1
    assert not AuditRun.objects.exists()
    schedule.refresh_from_db()
    assert schedule.next_at == at("2026-11-26T04:15")
    assert "due at 2026-11-25 21:00 UTC was left out" in schedule.note


def test_a_customer_without_hosts_is_noted_and_waits_for_its_next_moment() -> None:
    schedule = a_schedule(a_customer())
    start_due_schedules(at("2026-11-25T21:00:03"))
    schedule.refresh_from_db()
    assert (schedule.note, schedule.next_at) == (
        "Nothing was audited: the customer has no host.",
        at("2026-11-26T04:15"),
    )


def test_a_time_zone_that_is_gone_stops_only_its_own_schedule() -> None:
    broken, good = a_customer("Contoso"), a_customer("Fabrikam")
    a_host(broken, "hv01"), a_host(good, "hv02")
    a_schedule(broken, time_zone="Atlantis/Capital")
    a_schedule(good)
    assert start_due_schedules(at("2026-11-25T21:00:03")) == 2
    assert AuditRun.objects.get().customer == good
    assert Schedule.objects.get(customer=broken).next_at is None
    assert "Atlantis/Capital" in Schedule.objects.get(customer=broken).note


def test_an_operator_enters_a_schedule_and_the_trail_says_who() -> None:
    contoso = a_customer()
    colin = a_colleague(contoso)
    schedule, created = save_schedule(colin, contoso, window=NIGHT, time_zone="Europe/Berlin", weekdays=[5, 1])
    assert created and schedule.weekdays == [1, 5] and schedule.next_at is not None
    entry = TrailEntry.objects.get(action="schedule created")
    assert (entry.actor, entry.detail["window"], entry.detail["weekdays"]) == (colin, "22:00-04:00", "mon,fri")


def test_neither_a_viewer_nor_a_stranger_may_change_it() -> None:
    contoso = a_customer()
    for person in (a_colleague(contoso, role=Membership.Role.VIEWER), a_stranger()):
        with pytest.raises(PermissionDenied):
            save_schedule(person, contoso, window=NIGHT, time_zone="UTC")
    assert not Schedule.objects.exists()


def test_only_what_is_given_changes() -> None:
    contoso = a_customer()
    save_schedule(None, contoso, window=NIGHT, time_zone="Europe/Berlin", audit_before_minutes=90)
    schedule, created = save_schedule(an_owner(), contoso, window=(time(1), time(5)))
    assert not created
    assert (schedule.time_zone, schedule.audit_before_minutes) == ("Europe/Berlin", 90)


def test_switched_off_it_keeps_its_window_and_starts_nothing() -> None:
    a_host(contoso := a_customer())
    a_schedule(contoso)
    schedule, _ = save_schedule(None, contoso, is_enabled=False)
    assert (schedule.next_at, f"{schedule.window_begins:%H:%M}") == (None, "22:00")
    assert start_due_schedules(at("2027-01-01T00:00")) == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"window": (time(22), time(22))}, "shorter than a day"),
        ({"weekdays": []}, "at least one day"),
        ({"audit_before_minutes": 721}, "from 1 to 720"),
        ({"harvest_after_minutes": -1}, "from 1 to 1440"),
        ({"time_zone": "Mars/Olympus"}, "no time zone"),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, object], said: str) -> None:
    contoso = a_customer()
    with pytest.raises(InvalidInput, match=said):
        save_schedule(None, contoso, **{"window": NIGHT, "time_zone": "UTC", **fields})  # type: ignore[arg-type]
    assert not Schedule.objects.exists()


def test_the_command_says_what_comes_next_in_the_customers_time() -> None:
    a_customer()
    code, out, err = run_command("--customer", "contoso", "--window", "22:00-04:00", "--time-zone", "europe/berlin")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "created Contoso: backup window 22:00-04:00 Europe/Berlin"
    assert {line.split(":")[0] for line in lines[1:]} == {"before the window", "after the window"}
    assert all(line.endswith((" CET", " CEST")) for line in lines[1:])


def test_the_command_changes_days_and_switches_off_and_on() -> None:
    a_customer()
    run_command("--customer", "Contoso", "--window", "22:00-04:00", "--time-zone", "UTC", "--days", "Mon,tue")
    assert Schedule.objects.get().weekdays == [1, 2]
    code, out, err = run_command("--customer", "Contoso", "--off")
    assert (code, "off" in err, len(out.splitlines())) == (0, True, 1)
    assert run_command("--customer", "Contoso", "--on")[2] == ""
    assert Schedule.objects.get().next_at is not None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--window", "22:00-04:00"], "a window and a time zone are needed"),
        (["--window", "22-4", "--time-zone", "UTC"], "write it as 22:00"),
        (["--window", "22:00", "--time-zone", "UTC"], "write it as 22:00-04:00"),
        (["--window", "25:00-04:00", "--time-zone", "UTC"], "no time of day"),
        (["--window", "22:00-04:00", "--time-zone", "Berlin"], "did you mean Europe/Berlin"),
        (["--window", "22:00-04:00", "--time-zone", "UTC", "--days", "mo,xyz"], "no day of the week"),
        (["--window", "22:00-04:00", "--time-zone", "UTC", "--audit-before", "9999"], "from 1 to 720"),
    ],
)
def test_wrong_input_ends_with_2_and_one_sentence(arguments: list[str], said: str) -> None:
    a_customer()
    code, out, err = run_command("--customer", "Contoso", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert not Schedule.objects.exists()


def test_an_unknown_customer_ends_with_2_and_the_candidates() -> None:
    a_customer()
    code, _, err = run_command("--customer", "Fabrikam", "--off")
    assert (code, "Contoso" in err) == (2, True)
