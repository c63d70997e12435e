"""Setting the backup path: told before it is set, done at once from stored evidence, and not undone by an audit."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from audits import backup_path
from audits.judgement.judge import judge
from audits.judgement.words import BackupPath, Section
from audits.models import EvidenceDocument, HostAudit, HostState, Verdict, VerdictInterval
from audits.pipeline.path_setting import BackupPathChanged, effective_path_while_storing, keep_audits_from_storing
from audits.pipeline.rejudge import stored_evidence
from fleet.models import Customer, Host, Membership, TrailEntry
from fleet.services import InvalidInput
from simulator import windows
from tests import people
from tests.audits.judged import audit_as
from tests.audits.world import a_customer, a_host

pytestmark = pytest.mark.django_db

NOT_OFFERED = windows.host("hv01", vms=[windows.vm("SQL01", backup_service=False), windows.vm("WEB01")])


def words(**at: object) -> dict[str, tuple[str, str, bool]]:
    rows = Verdict.objects.filter(**at).values_list("name", "verdict", "confidence", "depends_on_backup_path")
    return {name: (verdict, confidence, depends) for name, verdict, confidence, depends in rows}


def test_setting_a_path_says_what_the_next_audit_would_say() -> None:
    host, owner = a_host(), people.an_owner()
    audit_as(host, NOT_OFFERED)
    assert words()["SQL01"] == ("saved_state", "low", True)
    backup_path.set_backup_path(owner, host.customer, "wmi")
    at_once = list(Verdict.objects.order_by("name").values())
    assert words()["SQL01"][0] == "crash_consistent"
    host = Host.objects.get()
    audit_as(host, NOT_OFFERED)
    assert list(Verdict.objects.order_by("name").values()) == at_once


def test_the_preview_promises_exactly_what_is_done_and_writes_nothing() -> None:
    host, owner = a_host(), people.an_owner()
    audit_as(host, NOT_OFFERED)
    before = words()
    promised = backup_path.preview(host.customer, "wmi")
    assert (words(), host.customer.backup_path) == (before, "unknown")
    done = backup_path.set_backup_path(owner, host.customer, "wmi")
    assert [(each.now.name, each.then) for each in promised.changes] == [
        (each.now.name, each.then) for each in done.changes
    ]
    assert (promised.before, promised.after) == (done.before, done.after)
    assert {each.now.name: str(each.then.verdict) for each in promised.changes}["SQL01"] == "crash_consistent"


def test_the_change_is_a_transition_with_history_counters_and_trail() -> None:
    host, owner = a_host(), people.an_owner()
    run = audit_as(host, NOT_OFFERED)
    read_at = HostState.objects.get().evidence_at
    backup_path.set_backup_path(owner, host.customer, "wmi")
    interval = VerdictInterval.objects.get(virtual_machine__verdict__name="SQL01")
    assert (interval.verdict, interval.became) == ("saved_state", "crash_consistent")
    row = Verdict.objects.get(name="SQL01")
    assert (row.run_id, row.read_at, row.backup_path, row.since_at) == (run.pk, read_at, "wmi", interval.to_at)
    state = HostState.objects.get()
    assert (state.saved_state_vms, state.crash_consistent_vms, state.depends_on_backup_path_vms) == (0, 1, 0)
    entry = TrailEntry.objects.filter(action="backup path set").get()
    assert (entry.actor, entry.detail["before"], entry.detail["after"]) == (owner, "unknown", "wmi")
    assert entry.detail["vms_changed"] == 1


def test_a_host_with_a_setting_of_its_own_stays_as_it_is() -> None:
    customer, owner = a_customer(), people.an_owner()
    own, following = a_host(customer, "hv01"), a_host(customer, "hv02")
    Host.objects.filter(pk=own.pk).update(backup_path="vss")
    for host in Host.objects.select_related("customer"):
        audit_as(host, NOT_OFFERED)
    before = words(host=own)
    effect = backup_path.set_backup_path(owner, customer, "wmi")
    assert words(host=own) == before
    assert words(host=following)["SQL01"][0] == "crash_consistent"
    assert [host.name for host in effect.apart] == ["hv01"]


def test_a_host_can_go_back_to_its_customers_setting() -> None:
    host, owner = a_host(), people.an_owner()
    audit_as(host, NOT_OFFERED)
    before = words()
    backup_path.set_backup_path(owner, host, "wmi")
    assert words() != before
    backup_path.set_backup_path(owner, host, "")
    assert words() == before


def test_setting_it_twice_changes_nothing_more() -> None:
    host, owner = a_host(), people.an_owner()
    audit_as(host, NOT_OFFERED)
    backup_path.set_backup_path(owner, host.customer, "wmi")
    again = backup_path.set_backup_path(owner, host.customer, "wmi")
    assert (again.changes, again.surer) == ([], 0)
    assert VerdictInterval.objects.filter(became="crash_consistent").count() == 1


def test_what_the_log_showed_stays_what_it_was() -> None:
    host, owner = a_host(), people.an_owner()
    audit_as(host, NOT_OFFERED)
    Verdict.objects.update(observed="saved")
    backup_path.set_backup_path(owner, host.customer, "wmi")
    assert set(Verdict.objects.values_list("observed", flat=True)) == {"saved"}


def test_a_section_that_failed_is_judged_again_as_missing() -> None:
    host, owner = a_host(), people.an_owner()
    audit_as(host, NOT_OFFERED)
    audit_as(host, NOT_OFFERED, failing=[Section.SERVICES])
    backup_path.set_backup_path(owner, host.customer, "vss")
    assert "HOST-SVC" in Verdict.objects.get(name="SQL01").unknowns


def test_stored_evidence_is_what_was_read() -> None:
    host = a_host()
    audit_as(host, NOT_OFFERED)
    again = judge(stored_evidence(HostState.objects.get()), BackupPath.UNKNOWN, host_id=str(host.pk), host_name="hv01")
    stored = {row.virtual_machine.guid: row for row in Verdict.objects.select_related("virtual_machine")}
    assert {verdict.vm_id for verdict in again.verdicts} == stored.keys()
    for verdict in again.verdicts:
        row = stored[verdict.vm_id]
        assert (row.verdict, row.sentence, row.unknowns) == (verdict.verdict, verdict.sentence, list(verdict.unknowns))


def test_a_section_that_stayed_away_from_the_last_audit_is_not_judged_by_an_older_one() -> None:
    host = a_host()
    audit_as(host, NOT_OFFERED)
    state = HostState.objects.get()
    state.sections["services"]["run_id"] = str(host.pk)
    assert stored_evidence(state).services is None
    assert stored_evidence(state).why_missing(Section.SERVICES) == "section services did not arrive"


@pytest.mark.parametrize("gone", [HostAudit, EvidenceDocument])
def test_without_its_evidence_a_host_follows_at_its_next_audit(gone: type[HostAudit | EvidenceDocument]) -> None:
    host, owner = a_host(), people.an_owner()
    audit_as(host, NOT_OFFERED)
    before = words()
    gone.objects.all().delete()
    effect = backup_path.set_backup_path(owner, host.customer, "wmi")
    assert [waiting.name for waiting, _ in effect.waiting] == ["hv01"]
    assert words() == before
    assert Customer.objects.get().backup_path == "wmi"


def test_readings_that_are_gone_are_not_taken_for_zero() -> None:
    host, owner = a_host(), people.an_owner()
    audit_as(host, NOT_OFFERED)
    HostAudit.objects.update(samples={})
    [(_, reason)] = backup_path.set_backup_path(owner, host.customer, "wmi").waiting
    assert "not stored any more" in reason


def test_an_audit_under_way_does_not_undo_a_setting() -> None:
    host, owner = a_host(), people.an_owner()
    audit_as(host, NOT_OFFERED)
    stale = Host.objects.select_related("customer").get()
    assert stale.customer.backup_path == "unknown"
    backup_path.set_backup_path(owner, host.customer, "wmi")
    with pytest.raises(BackupPathChanged):
        audit_as(stale, NOT_OFFERED)
    assert set(Verdict.objects.values_list("backup_path", flat=True)) == {"wmi"}
    assert HostAudit.objects.filter(state="running").count() == 1


@pytest.mark.django_db(transaction=True)
def test_whoever_sets_a_path_waits_for_an_audit_that_is_storing() -> None:
    host = a_host()
    is_setting, has_set = threading.Event(), threading.Event()

    def set_it() -> None:
        try:
            with transaction.atomic():
                is_setting.set()
                keep_audits_from_storing(host.customer_id)
                has_set.set()
        finally:
            connection.close()

    setter = threading.Thread(target=set_it)
    with transaction.atomic():
        assert effective_path_while_storing(host.pk, host.customer_id) == "unknown"
        setter.start()
        assert is_setting.wait(30)
        while not _is_waiting_for_an_advisory_lock():
            assert not has_set.is_set()
    setter.join(30)
    assert has_set.is_set()


def _is_waiting_for_an_advisory_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        row = cursor.fetchone()
    return bool(row and row[0])


def test_a_viewer_may_not_set_it_and_an_operator_may() -> None:
    host = a_host()
    viewer = people.a_colleague(host.customer, username="vera", role=Membership.Role.VIEWER)
    for person in (viewer, people.a_stranger()):
        with pytest.raises(PermissionDenied):
            backup_path.set_backup_path(person, host.customer, "wmi")
    assert not TrailEntry.objects.exists()
    backup_path.set_backup_path(people.a_colleague(host.customer), host.customer, "wmi")
    assert Customer.objects.get().backup_path == "wmi"


@pytest.mark.parametrize("word", ["", "both", "VSS"])
def test_a_word_that_is_no_path_is_refused(word: str) -> None:
    host, owner = a_host(), people.an_owner()
    with pytest.raises(InvalidInput):
        backup_path.set_backup_path(owner, host.customer, word)
