"""What a described host tells of its nights: in the shapes the probe writes, and stable while nothing happens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audits.collect.sections import decode_section
from audits.judgement.episodes.episode import Exclusion
from audits.judgement.judge import Judgement, judge
from audits.judgement.words import Observed
from simulator import windows
from tests.estate.pure_audit import evidence_of

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LAST_NIGHT = windows.Save(at="22:01:13", seconds=9)


def data_of(host: windows.WindowsHost, section: str, now: datetime = NOW) -> Any:
    return windows.envelope(host, section, now=now, anchor=NOW)["data"]


def events_of(host: windows.WindowsHost, provider: str) -> list[tuple[int, str]]:
    rows = data_of(host, "vm_events")["events"]
    return [(row["event_id"], row["at"]) for row in rows if row["provider"] == provider]


def digest_of(host: windows.WindowsHost, section: str, now: datetime) -> str | None:
    return decode_section(windows.encode(windows.envelope(host, section, now=now, anchor=NOW))).sha256


def judged(host: windows.WindowsHost) -> Judgement:
    return judge(evidence_of(host))


def test_a_save_of_last_night_is_two_events_newest_first() -> None:
    host = windows.host("hv01", vms=[windows.vm("SQL01", saves=(LAST_NIGHT,))])

    assert events_of(host, "Microsoft-Windows-Hyper-V-Worker") == [
        (18596, "2026-11-22T22:01:22.0000000Z"),
        (18510, "2026-11-22T22:01:13.0000000Z"),
    ]


def test_nights_go_back_and_stop_at_the_window() -> None:
    host = windows.host("hv01", vms=[windows.vm("SQL01", saves=(windows.Save(at="22:01:13", nights=30),))])

    saved = [at for event_id, at in events_of(host, "Microsoft-Windows-Hyper-V-Worker") if event_id == 18510]
    assert (saved[0][:10], saved[-1][:10], len(saved)) == ("2026-11-22", "2026-11-09", 14)


def test_a_log_that_wrapped_holds_nothing_older() -> None:
    saves = (windows.Save(at="22:01:13", nights=5),)
    host = windows.host("hv01", vm_log_days=2, vms=[windows.vm("SQL01", saves=saves)])

    assert len(events_of(host, "Microsoft-Windows-Hyper-V-Worker")) == 4
    worker = next(log for log in data_of(host, "vm_events")["logs"] if log["log"].endswith("Worker-Admin"))
    assert worker["oldest_at"] == "2026-11-21T02:00:00.0000000Z"


def test_a_restart_saves_the_vms_that_are_set_so_and_is_no_backup() -> None:
    machines = [
        windows.vm("SQL01", stop_action="save"),
        windows.vm("RDS01", stop_action="shut_down"),
        windows.vm("OFF01", state="off"),
    ]
    host = windows.host("hv01", shutdowns=(windows.Shutdown(at="03:10:00"),), vms=machines)

    judgement = judged(host)

    assert [(each.vm, each.excluded_reason) for each in judgement.episodes] == [("SQL01", Exclusion.HOST_SHUTDOWN)]
    assert {verdict.observed for verdict in judgement.verdicts} == {Observed.NONE_SEEN}
    assert data_of(host, "identity")["last_boot_at"] == "2026-11-22T03:16:00.0000000Z"


@pytest.mark.parametrize("product", ["windows_server_backup", "another one"])
def test_a_backup_leaves_signs_that_make_a_save_a_proof(product: str) -> None:
    runs = (windows.BackupRun(at="22:00:40", product=product),)
    host = windows.host("hv01", backup_runs=runs, vms=[windows.vm("SQL01", saves=(LAST_NIGHT,))])

    [verdict] = judged(host).verdicts
    assert verdict.observed is Observed.SAVED


def test_a_save_of_a_minute_ago_is_a_job_too() -> None:
    host = windows.host("hv01", vms=[windows.vm("SQL01", saves=(windows.Save(minutes_ago=1, seconds=9),))])

    jobs = data_of(host, "jobs")["jobs"]
    assert [(job["job_type"], job["job_state"], job["vm_id"]) for job in jobs] == [
        (14, 7, host.vms[0].vm_id),
        (15, 7, host.vms[0].vm_id),
    ]
    assert data_of(host, "jobs", NOW + timedelta(hours=1))["jobs"] != []  # a minute ago, whenever one asks
    assert data_of(windows.host("hv01", vms=[windows.vm("SQL01", saves=(LAST_NIGHT,))]), "jobs")["jobs"] == []


def test_a_job_without_an_event_is_shown_as_a_contradiction() -> None:
    save = windows.Save(minutes_ago=2, seconds=9, logged=False)
    host = windows.host("hv01", vms=[windows.vm("SQL01", saves=(save,))])

    [episode] = judged(host).episodes
    assert "the event log has no such event" in (episode.contradiction or "")


def test_a_busy_vm_has_a_running_job() -> None:
    host = windows.host("hv01", vms=[windows.vm("SQL01", busy="backup")])

    [job] = data_of(host, "jobs")["jobs"]
    assert (job["job_type"], job["job_state"]) == (170, 4)


def test_a_german_host_tells_the_same_numbers() -> None:
    machines = [windows.vm("SQL01", saves=(LAST_NIGHT,))]
    english, german = (
        windows.host("hv01", language=language, backup_runs=(windows.BackupRun(at="22:00:40"),), vms=machines)
        for language in ("en-US", "de-DE")
    )

    assert data_of(english, "vm_events")["events"] == data_of(german, "vm_events")["events"]
    assert judged(german).verdicts[0].observed is Observed.SAVED


def test_a_host_without_the_role_has_no_vms_whose_lives_are_told() -> None:
    host = windows.host("fs01", hyper_v=False)

    asked = {source["provider"]: source["read"] for source in data_of(host, "vm_events")["sources"]}
    assert not asked["Microsoft-Windows-Hyper-V-Worker"] and asked["Microsoft-Windows-Kernel-General"]
    assert windows.envelope(host, "jobs", now=NOW)["status"] == "skipped"


# What is stored


def test_a_quiet_host_is_stored_once_a_day_at_most() -> None:
    host = windows.host("hv01", vms=[windows.vm("SQL01", saves=(windows.Save(at="22:01:13", nights=30),))])
    morning, evening, next_day = (
        digest_of(host, "vm_events", NOW.replace(day=day, hour=hour)) for day, hour in ((23, 3), (23, 21), (24, 3))
    )

    assert morning == evening
    assert morning != next_day  # the oldest night has left the window


def test_the_log_that_wraps_on_changes_nothing_that_is_stored() -> None:
    host = windows.host("hv01", vms=[windows.vm("SQL01", saves=(LAST_NIGHT,))])
    wrapped = windows.host("hv01", vm_log_days=5, vms=[windows.vm("SQL01", saves=(LAST_NIGHT,))])

    assert digest_of(host, "vm_events", NOW) == digest_of(wrapped, "vm_events", NOW)


def test_a_new_event_is_a_new_document() -> None:
    quiet = windows.host("hv01", vms=[windows.vm("SQL01")])
    saved = windows.host("hv01", vms=[windows.vm("SQL01", saves=(LAST_NIGHT,))])

    assert digest_of(quiet, "vm_events", NOW) != digest_of(saved, "vm_events", NOW)
