"""From a host's event log to stored nights: what an audit leaves, read again, with and without a backup window."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from audits import upkeep
from audits.models import Episode, Verdict
from audits.schedules import save_schedule
from fleet.models import Customer, Host, VirtualMachine
from simulator import windows
from simulator.windows.life import BackupRun, Save, Shutdown
from tests.audits.judged import NOW, audit_as
from tests.audits.world import a_customer, a_host, known_state
from tests.factories import a_pause, a_vm

pytestmark = pytest.mark.django_db

# The host is read at 02:00 UTC, so last night's save lies four hours back.
SAVES = (Save(at="22:01:13", seconds=9, nights=3),)
PAUSED = windows.host("hv01", build=9200, vms=[windows.vm("SQL01", saves=SAVES), windows.vm("WEB01")])


@pytest.fixture
def contoso() -> Customer:
    return a_customer()


@pytest.fixture
def host(contoso: Customer) -> Host:
    return a_host(contoso)


def enter_window(customer: Customer, begins: int = 22, ends: int = 4) -> None:
    save_schedule(None, customer, window=(time(begins), time(ends)), time_zone="UTC")


def observed(name: str) -> str:
    return Verdict.objects.get(name=name).observed


def test_saves_in_the_window_are_stored_as_proof_and_told(contoso: Customer, host: Host) -> None:
    enter_window(contoso)
    audit_as(Host.objects.get(), PAUSED)
    assert list(Episode.objects.values_list("vm", "is_proof").distinct()) == [("SQL01", True)]
    assert Episode.objects.count() == 3
    assert {row.duration_seconds for row in Episode.objects.all()} == {9}
    assert (observed("SQL01"), observed("WEB01")) == ("saved", "none_seen")
    assert "for 9 s" in Verdict.objects.get(name="SQL01").observed_reason


def test_a_vm_that_moved_after_its_backup_keeps_the_night_that_the_other_nodes_log_tells_of(contoso: Customer) -> None:
    """Saved on node1 at 22:01, moved to node2 before the harvest: the events stay in the log of node1."""
    enter_window(contoso)
    guid = "6d0a0000-0000-4000-8000-000000000001"
    paused, quiet = windows.vm("SQL01", vm_id=guid, saves=SAVES), windows.vm("SQL01", vm_id=guid)
    before = windows.join("CL01", [windows.host("node1", vms=[paused]), windows.host("node2")])
    log = windows.envelope(before[0], "vm_events", now=NOW)["data"]
    emptied = windows.host("node1", reports={"vm_events": log})
    left, joined = windows.join("CL01", [emptied, windows.host("node2", vms=[quiet])])
    first, second = a_host(contoso, "node1"), a_host(contoso, "node2")
    audit_as(second, joined)
    audit_as(first, left)
    assert set(Episode.objects.values_list("vm", "is_proof", "host__name")) == {("SQL01", True, "node1")}
    assert Episode.objects.count() == 3
    assert VirtualMachine.objects.count() == 1
    assert "the log of this node alone" in Verdict.objects.get().observed_reason


def test_a_log_that_tells_of_a_vm_nobody_has_brings_none_back(contoso: Customer) -> None:
    enter_window(contoso)
    log = windows.envelope(PAUSED, "vm_events", now=NOW)["data"]
    assert log["events"]
    audit_as(a_host(contoso), windows.join("CL01", [windows.host("node1", reports={"vm_events": log})])[0])
    assert not Episode.objects.exists()
    assert not VirtualMachine.objects.exists()


def test_an_audit_that_reads_them_again_stores_nothing_new(contoso: Customer, host: Host) -> None:
    enter_window(contoso)
    first = audit_as(Host.objects.get(), PAUSED)
    audit_as(Host.objects.get(), PAUSED)
    assert Episode.objects.count() == 3
    assert set(Episode.objects.values_list("run_id", flat=True)) == {first.pk}


def test_without_a_window_a_lone_save_proves_nothing(host: Host) -> None:
    audit_as(host, PAUSED)
    assert set(Episode.objects.values_list("is_proof", "in_backup_window")) == {(False, None)}
    assert observed("SQL01") == "unknown"


def test_a_window_entered_afterwards_settles_the_nights_at_the_next_audit(contoso: Customer, host: Host) -> None:
    audit_as(host, PAUSED)
    enter_window(contoso)
    audit_as(Host.objects.get(), PAUSED)
    assert set(Episode.objects.values_list("is_proof", flat=True)) == {True}
    assert observed("SQL01") == "saved"


def test_a_restart_of_the_host_is_stored_with_its_reason(contoso: Customer, host: Host) -> None:
    enter_window(contoso)
    said = windows.host("hv01", vms=[windows.vm("SQL01", stop_action="save")], shutdowns=(Shutdown(at="23:10:00"),))
    audit_as(Host.objects.get(), said)
    assert set(Episode.objects.values_list("excluded_reason", "is_proof")) == {("host_shutdown", False)}


def test_a_backups_own_events_prove_it_without_a_window(host: Host) -> None:
    said = windows.host("hv01", vms=PAUSED.vms, build=9200, backup_runs=(BackupRun(at="22:00:40", nights=3),))
    audit_as(host, said)
    assert set(Episode.objects.values_list("is_proof", flat=True)) == {True}


def test_the_prediction_of_the_audit_before_stands_beside_the_night(contoso: Customer, host: Host) -> None:
    enter_window(contoso)
    audit_as(Host.objects.get(), windows.host("hv01", vms=[windows.vm("SQL01"), windows.vm("WEB01")]))
    Verdict.objects.update(since_at=NOW - timedelta(days=1, hours=12))
    before = Verdict.objects.get(name="SQL01").verdict
    audit_as(Host.objects.get(), PAUSED)
    predicted = dict(Episode.objects.values_list("saved_at", "predicted"))
    assert [predicted[at] for at in sorted(predicted)] == ["", before, before]


def test_the_log_is_noted_as_read_without_a_gap_while_each_reading_reaches_the_one_before(host: Host) -> None:
    audit_as(host, PAUSED)
    first = known_state(host)
    assert first.events_from_at is not None and first.events_until_at is not None
    audit_as(host, PAUSED)
    second = known_state(host)
    assert second.events_from_at == first.events_from_at
    assert second.events_until_at is not None and second.events_until_at > first.events_until_at


def test_a_log_that_has_overwritten_the_time_since_begins_the_coverage_anew(host: Host) -> None:
    audit_as(host, PAUSED)
    state = known_state(host)
    state.events_until_at = NOW - timedelta(days=5)
    state.save()
    audit_as(host, windows.host("hv01", vms=PAUSED.vms, build=9200, vm_log_days=3.5))
    assert known_state(host).events_from_at == NOW - timedelta(days=3.5)


def test_episodes_of_more_than_a_year_ago_are_forgotten(host: Host) -> None:
    vm = a_vm(host)
    a_pause(vm, nights_ago=1)
    a_pause(vm, nights_ago=upkeep.EPISODES_KEPT.days + 2)
    upkeep.tick(lambda hints: None)
    kept = Episode.objects.get()
    assert kept.night > (timezone.now() - upkeep.EPISODES_KEPT).date()
