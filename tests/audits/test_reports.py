"""CSV to the byte: header, quoting, line ends, formula guard, empty cells, scope; and JSON before the end."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from audits import access
from audits.judgement.outcomes import Outcome
from audits.models import Episode, HostAudit, Result, Verdict
from audits.reports.findings import findings_csv
from audits.reports.run_json import run_json
from audits.reports.saved_state_events import saved_state_events_csv
from audits.reports.vm_verdicts import vm_verdicts_csv
from audits.services import start_run
from fleet.accounts.models import User
from fleet.models import Host
from simulator import windows
from tests import factories
from tests.audits.judged import audit_as
from tests.audits.world import a_customer, a_host, claimed, end_with
from tests.people import a_colleague, a_stranger, an_owner

pytestmark = pytest.mark.django_db

VERDICT_HEADER = (
    "schema_version,customer_id,customer,host_id,host,cluster,os_build,host_class,vm_id,vm,vm_state,backup_path,"
    "verdict,verdict_vss,verdict_wmi,confidence,depends_on_backup_path,conflict,writer_says,observed,causes,unknowns,"
    "waived,host_outcome,host_cause,stale,evidence_at,run_id\r\n"
)
FINDING_HEADER = (
    "schema_version,finding_id,customer_id,customer,host_id,host,subject_type,subject_id,subject,rule,rule_version,"
    "title,result,severity,confidence,measured,reason,fix,first_seen_at,last_seen_at,waived_until,stale,evidence_at,"
    "run_id\r\n"
)
EPISODE_HEADER = (
    "schema_version,episode_id,customer_id,customer,host_id,host,vm_id,vm,saved_at,restored_at,duration_seconds,"
    "in_backup_window,excluded_reason,evidence_at,run_id\r\n"
)


def episodes_text() -> str:
    return b"".join(saved_state_events_csv(Episode.objects.all())).decode()


def verdicts_text() -> str:
    return b"".join(vm_verdicts_csv(Verdict.objects.all())).decode()


def findings_text() -> str:
    return b"".join(findings_csv(access.findings(an_owner()))).decode()


def rows_in(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _episodes_of(person: User) -> str:
    return b"".join(saved_state_events_csv(access.episodes(person))).decode()


def test_without_a_row_the_header_is_there() -> None:
    assert verdicts_text() == VERDICT_HEADER
    assert findings_text() == FINDING_HEADER
    assert episodes_text() == EPISODE_HEADER


def test_columns_are_the_contracts() -> None:
    audit_as(a_host(), windows.host("hv01", vms=[windows.vm("SQL01", backup_service=False)]))
    assert verdicts_text().startswith(VERDICT_HEADER)
    assert findings_text().startswith(FINDING_HEADER)


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ('a "b", c', '"a ""b"", c"'),
        ("two\nlines", '"two\nlines"'),
        ("\ttab", "'\ttab"),
        ("plain", "plain"),
        ("ünïcödé", "ünïcödé"),
        ("\\.", "\\."),
    ],
)
def test_names_are_quoted_and_guarded(name: str, cell: str) -> None:
    audit_as(a_host(), windows.host("hv01", vms=[windows.vm("SQL01")]))
    Verdict.objects.update(name=name)
    text = verdicts_text()
    assert f",{cell}," in text or f',"{cell}",' in text
    assert text.endswith("\r\n")
    assert rows_in(text)[0]["vm"] == (f"'{name}" if name[0] in "=+-@\t" else name)


def test_an_episode_is_a_row_of_times_seconds_and_grounds() -> None:
    saved_at = datetime(2026, 11, 24, 22, 4, 11, tzinfo=UTC)
    pause = factories.a_pause(factories.a_vm(a_host(), "=SQL01"), saved_at=saved_at, seconds=None)
    Episode.objects.update(restored_at=saved_at + timedelta(seconds=41.26), run_id=pause.pk)
    (row,) = rows_in(episodes_text())
    assert (row["vm"], row["vm_id"]) == ("'=SQL01", pause.virtual_machine.guid)
    assert (row["saved_at"], row["restored_at"]) == ("2026-11-24T22:04:11Z", "2026-11-24T22:04:52Z")
    assert (row["duration_seconds"], row["in_backup_window"], row["excluded_reason"]) == ("41.3", "true", "")
    assert (row["episode_id"], row["run_id"]) == (str(pause.pk), str(pause.pk))


def test_an_episode_that_is_no_proof_says_why_or_stays_empty() -> None:
    vm = factories.a_vm(a_host())
    factories.excluded(vm, "quick_migration", nights_ago=2)
    factories.a_pause(vm, seconds=None, in_backup_window=None, is_proof=False)
    moved, open_ = rows_in(episodes_text())
    assert (moved["excluded_reason"], moved["in_backup_window"], moved["duration_seconds"]) == (
        "quick_migration",
        "false",
        "41",
    )
    assert (open_["excluded_reason"], open_["in_backup_window"], open_["restored_at"]) == ("", "", "")


def test_what_is_not_known_is_an_empty_cell_and_no_quotes() -> None:
    audit_as(a_host(), windows.host("hv01", build=9600, vms=[windows.vm("SQL01")]))
    Verdict.objects.update(name="")
    row = rows_in(verdicts_text())[0]
    assert (row["vm"], row["cluster"], row["verdict_wmi"]) == ("", "", "")
    assert '""' not in verdicts_text()


def test_words_of_truth_and_time_are_the_contracts() -> None:
    audit_as(a_host(), windows.host("hv01", vms=[windows.vm("SQL01")]))
    row = rows_in(verdicts_text())[0]
    assert {row["depends_on_backup_path"], row["conflict"], row["waived"], row["stale"]} <= {"true", "false"}
    assert row["stale"] == "false"
    assert len(row["evidence_at"]) == len("2026-11-23T02:00:00Z")
    assert row["evidence_at"].endswith("Z")


def test_a_host_that_could_not_be_read_has_stale_rows() -> None:
    host = a_host()
    audit_as(host, windows.host("hv01", vms=[windows.vm("SQL01", backup_service=False)]))
    end_with(claimed(start_run(None), host), host, Outcome.UNREACHABLE, "connect_timed_out")
    row = rows_in(verdicts_text())[0]
    assert (row["stale"], row["host_outcome"], row["host_cause"]) == ("true", "unreachable", "connect_timed_out")
    assert rows_in(findings_text())[0]["stale"] == "true"


def test_rows_are_ordered_by_customer_host_and_vm() -> None:
    for customer, name in (("Fabrikam", "hv03"), ("Contoso", "hv02"), ("Contoso B", "hv01")):
        audit_as(a_host(a_customer(customer), name), windows.host(name, vms=[windows.vm("B"), windows.vm("A")]))
    places = [(row["customer"], row["host"], row["vm"]) for row in rows_in(verdicts_text())]
    assert places == sorted(places)


def test_everybody_downloads_their_own() -> None:
    theirs, other = a_customer("Contoso"), a_customer("Fabrikam")
    for customer, name in ((theirs, "hv01"), (other, "hv02")):
        audit_as(a_host(customer, name), windows.host(name, vms=[windows.vm("SQL01", backup_service=False)]))
    people = (an_owner(), a_colleague(theirs), a_stranger())
    seen = [{row["host"] for row in rows_in(b"".join(vm_verdicts_csv(access.verdicts(p))).decode())} for p in people]
    assert seen == [{"hv01", "hv02"}, {"hv01"}, set()]
    for host in Host.objects.all():
        factories.a_pause(Verdict.objects.get(host=host))
    paused = [{row["host"] for row in rows_in(_episodes_of(p))} for p in people]
    assert paused == [{"hv01", "hv02"}, {"hv01"}, set()]
    found = [{row["host"] for row in rows_in(b"".join(findings_csv(access.findings(p))).decode())} for p in people]
    assert found == [{"hv01", "hv02"}, {"hv01"}, set()]


def test_all_results_hold_the_passes_too() -> None:
    audit_as(a_host(), windows.host("hv01", vms=[windows.vm("SQL01", backup_service=False)]))
    everything = rows_in(b"".join(findings_csv(Result.objects.all())).decode())
    assert {"pass", "fail"} <= {row["result"] for row in everything}
    assert all(row["measured"] for row in everything if row["result"] == "fail")
    assert all(row["reason"] for row in everything if row["result"] in ("unknown", "error"))


def test_before_the_end_outcome_is_null_and_lists_are_empty() -> None:
    host = a_host()
    audit_as(host, windows.host("hv01", vms=[windows.vm("SQL01")]))
    run = start_run(None)
    document = json.loads("".join(run_json(run, HostAudit.objects.all())))
    told = document["hosts"][0]
    assert document["run"]["state"] == "queued"
    assert (told["outcome"], told["cause"], told["vms"], told["findings"]) == (None, None, [], [])
    assert told["evidence_at"] is not None


def test_a_run_of_no_visible_host_is_a_document_without_hosts() -> None:
    a_host()
    document = json.loads("".join(run_json(start_run(None), access.host_audits(a_stranger()))))
    assert (document["hosts"], document["run"]["counts"]["queued"]) == ([], 0)


def test_the_last_good_evidence_stays_with_its_own_run() -> None:
    host = a_host()
    good = audit_as(host, windows.host("hv01", vms=[windows.vm("SQL01")]))
    run = start_run(None)
    end_with(claimed(run, host), host, Outcome.DENIED, "certificate_changed")
    told = json.loads("".join(run_json(run, HostAudit.objects.all())))["hosts"][0]
    assert (told["outcome"], told["cause"], told["evidence_run_id"]) == ("denied", "certificate_changed", str(good.pk))
    assert told["next_step"]
    assert [vm["vm"] for vm in told["vms"]] == ["SQL01"]
