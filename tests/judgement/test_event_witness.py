"""The third witness: what proves a saved state, what excludes it, and when silence says something."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from audits.judgement.episodes.episode import LONGEST_PAUSE, BackupWindow, EpisodeSource, Exclusion
from audits.judgement.episodes.exclusions import SHUTDOWN_LEAD
from audits.judgement.episodes.known_events import BACKUP, KERNEL, USER32, VMMS, WORKER, WORKER_LOG
from audits.judgement.evidence import Gap, HostEvidence
from audits.judgement.evidence.event_log import EventLog
from audits.judgement.evidence.jobs import APPLY_CHECKPOINT
from audits.judgement.evidence.vm_events import Event, EventMeaning, EventSource
from audits.judgement.judge import judge
from audits.judgement.words import Confidence, Observed, ResultWord, Section, SectionStatus
from tests.judgement.hosts import (
    SERVER_2012,
    SERVER_2012_R2,
    VM_ID,
    clustered_host,
    healthy_host,
    quiet_log,
    vm,
    with_gap,
    with_identity,
    with_vms,
    without,
)
from tests.judgement.life import (
    OTHER_VM,
    THIRD_VM,
    WINDOW,
    backup_ended,
    backup_started,
    event,
    host_that_logged,
    job,
    merge_began,
    moment,
    nine_seconds,
    observed,
    only_episode,
    restore_job,
    restored,
    role_moved,
    save_job,
    saved,
    shutdown_asked,
    turned_off,
    vss_idle,
    windows_ended,
    windows_started,
)

# Proof


def test_a_save_in_a_backup_window_proves_that_the_vm_was_saved() -> None:
    host = host_that_logged(*nine_seconds())

    seen = observed(host, WINDOW)

    assert seen.word is Observed.SAVED
    assert seen.reason == (
        "was saved 2026-11-20 22:01:13 for 9 s, inside the backup window 2026-11-20 22:00:00 to 2026-11-21 04:00:00"
    )
    [episode] = seen.episodes
    assert episode.is_proof and episode.in_backup_window and episode.duration_seconds == 9
    assert episode.key == f"{VM_ID} 2026-11-20T22:01:13+00:00"
    assert (episode.vm, episode.confidence, episode.source) == ("SQL01", Confidence.HIGH, EpisodeSource.EVENTS)


@pytest.mark.parametrize(
    ("signs", "words", "sure"),
    [
        (
            (backup_started("22:00:40"), backup_ended("22:41:00")),
            "while Windows Server Backup ran from 2026-11-20 22:00:40 to 2026-11-20 22:41:00",
            Confidence.HIGH,
        ),
        ((backup_started("22:00:40"),), "with no end logged", Confidence.MEDIUM),
        ((vss_idle("22:04:20"),), "the VSS service became idle at 2026-11-20 22:04:20, 3 min apart", Confidence.MEDIUM),
        ((merge_began("22:02:00"),), "a disk merge began at 2026-11-20 22:02:00, 38 s apart", Confidence.LOW),
        (
            (*nine_seconds(OTHER_VM), *nine_seconds(THIRD_VM)),
            "3 VMs were saved within 5 min",
            Confidence.MEDIUM,
        ),
    ],
    ids=["a backup that ran", "a backup without an end", "VSS", "a merge", "several VMs at once"],
)
def test_without_a_window_signs_of_a_backup_put_a_save_inside_one(
    signs: tuple[Event, ...], words: str, sure: Confidence
) -> None:
    host = host_that_logged(*nine_seconds(), *signs)

    episode = only_episode(host)

    assert episode.is_proof and episode.in_backup_window
    assert words in (episode.evidence_for_window or "")
    assert episode.confidence is sure


def test_signs_of_a_backup_count_outside_a_window_that_was_set_wrong() -> None:
    host = host_that_logged(*nine_seconds(), backup_started("22:00:40"), backup_ended("22:41:00"))

    elsewhere = BackupWindow(moment("03:00:00"), moment("04:00:00"))

    assert observed(host, elsewhere).word is Observed.SAVED


@pytest.mark.parametrize("signs", [(vss_idle("22:10:00"),), nine_seconds(OTHER_VM)], ids=["too late", "only two VMs"])
def test_what_is_too_far_or_too_few_is_no_sign(signs: tuple[Event, ...]) -> None:
    assert only_episode(host_that_logged(*nine_seconds(), *signs)).in_backup_window is None


def test_several_nights_are_told_with_the_latest() -> None:
    nights = [
        each
        for day in ("2026-11-18", "2026-11-19", "2026-11-20")
        for each in (
            saved("22:01:13", at=f"{day}T22:01:13Z"),
            restored("22:01:22", at=f"{day}T22:01:22Z"),
            event(BACKUP, 1, "22:00:40", at=f"{day}T22:00:40Z"),
            event(BACKUP, 4, "22:41:00", at=f"{day}T22:41:00Z"),
        )
    ]

    assert (
        "was saved 2026-11-20 22:01:13 for 9 s (3 times since 2026-11-18 22:01:13)"
        in observed(host_that_logged(*nights)).reason
    )


@pytest.mark.parametrize("build", [SERVER_2012, SERVER_2012_R2, 14393, 17763, 26100])
def test_the_ids_mean_the_same_on_every_version(build: int) -> None:
    host = with_identity(host_that_logged(*nine_seconds()), os_build=build)

    assert observed(host, WINDOW).word is Observed.SAVED


def test_a_pause_just_within_the_limit_is_a_backups_and_a_longer_one_leaves_the_question_open() -> None:
    limit = moment("22:01:13") + LONGEST_PAUSE
    within = host_that_logged(saved("22:01:13"), restored("22:01:22", at=limit.isoformat()))
    beyond = host_that_logged(saved("22:01:13"), restored("22:01:22", at=(limit + timedelta(seconds=1)).isoformat()))

    assert observed(within, WINDOW).word is Observed.SAVED
    assert observed(beyond, WINDOW).word is Observed.UNKNOWN
    assert "longer than the pause of a backup" in observed(beyond, WINDOW).reason


def test_a_save_that_was_never_restored_is_an_episode_without_an_end() -> None:
    seen = observed(host_that_logged(saved("22:01:13")), WINDOW)

    assert seen.word is Observed.UNKNOWN
    assert "it was not restored since" in seen.reason
    assert [(episode.restored_at, episode.is_proof) for episode in seen.episodes] == [(None, False)]


# Exclusions


def clustered_host_that_logged(*events: Event) -> HostEvidence:
    return structs.replace(clustered_host(), vm_events=quiet_log(*events))


@pytest.mark.parametrize(
    ("host", "reason", "words"),
    [
        (
            host_that_logged(*nine_seconds(), shutdown_asked("22:00:55"), windows_ended("22:01:16")),
            Exclusion.HOST_SHUTDOWN,
            "a shutdown or restart was asked for at 2026-11-20 22:00:55",
        ),
        (
            host_that_logged(
                saved("22:01:13"), windows_ended("22:01:40"), windows_started("22:06:00"), restored("22:07:00")
            ),
            Exclusion.HOST_SHUTDOWN,
            "Windows shut down at 2026-11-20 22:01:40 (Microsoft-Windows-Kernel-General 13)",
        ),
        (
            host_that_logged(saved("22:01:13"), windows_started("22:06:00"), restored("22:07:00")),
            Exclusion.HOST_SHUTDOWN,
            "Windows started at 2026-11-20 22:06:00",
        ),
        (
            with_identity(
                host_that_logged(saved("22:01:13"), restored("22:07:00")), last_boot_at="2026-11-20T22:05:30Z"
            ),
            Exclusion.HOST_SHUTDOWN,
            "the host started at 2026-11-20 22:05:30",
        ),
        (
            host_that_logged(saved("22:01:13"), windows_ended("22:01:40")),
            Exclusion.HOST_SHUTDOWN,
            "Windows shut down",
        ),
        (
            host_that_logged(saved("22:01:13"), turned_off("22:01:15"), restored("22:01:22")),
            Exclusion.CHECKPOINT_APPLIED,
            "the VM was turned off in between",
        ),
        (
            host_that_logged(*nine_seconds(), jobs=[job(APPLY_CHECKPOINT, "22:01:14")]),
            Exclusion.CHECKPOINT_APPLIED,
            "a checkpoint was applied at 2026-11-20 22:01:14",
        ),
        (
            clustered_host_that_logged(*nine_seconds(), role_moved("22:01:10")),
            Exclusion.QUICK_MIGRATION,
            "a clustered role moved to another node",
        ),
        (
            clustered_host_that_logged(saved("22:01:13"), role_moved("22:01:20")),
            Exclusion.QUICK_MIGRATION,
            "a clustered role moved to another node",
        ),
    ],
    ids=[
        "a shutdown was asked for",
        "Windows ended",
        "Windows started",
        "the time of the last start",
        "a shutdown without a restore",
        "turned off in between",
        "a job applied a checkpoint",
        "the cluster moved it and back",
        "the cluster moved it away",
    ],
)
def test_what_another_cause_explains_is_no_proof(host: HostEvidence, reason: Exclusion, words: str) -> None:
    seen = observed(host, WINDOW)

    [episode] = seen.episodes
    assert episode.excluded_reason is reason
    assert words in (episode.why_excluded or "")
    assert not episode.is_proof
    assert seen.word is Observed.NONE_SEEN
    assert words in seen.reason


def test_a_shutdown_of_another_hour_excludes_nothing() -> None:
    long_before = moment("22:01:13") - SHUTDOWN_LEAD - timedelta(minutes=1)
    host = host_that_logged(
        *nine_seconds(), event(USER32, 1074, "21:00:00", at=long_before.isoformat()), windows_started("23:00:00")
    )

    assert observed(host, WINDOW).word is Observed.SAVED


def test_a_restart_that_was_over_before_the_save_excludes_nothing() -> None:
    """Patches at 21:52, the host is back at 21:56, and the backup of 22:00 pauses the VM."""
    restart = (shutdown_asked("21:51:50"), windows_ended("21:52:30"), windows_started("21:56:00"))

    assert observed(host_that_logged(*restart, *nine_seconds()), WINDOW).word is Observed.SAVED


@pytest.mark.parametrize("boot", ["2026-10-01T00:00:00Z", "2026-11-20T21:56:00Z"], ids=["never restarted", "was back"])
def test_a_host_that_has_run_since_before_the_save_was_not_shut_down_by_then(boot: str) -> None:
    host = with_identity(host_that_logged(shutdown_asked("21:55:00"), *nine_seconds()), last_boot_at=boot)

    assert observed(host, WINDOW).word is Observed.SAVED


def test_a_save_that_is_not_over_may_be_the_shutdown_that_was_asked_for() -> None:
    host = host_that_logged(shutdown_asked("22:00:55"), saved("22:01:13"))

    [episode] = observed(with_identity(host, last_boot_at="2026-10-01T00:00:00Z"), WINDOW).episodes

    assert episode.excluded_reason is Exclusion.HOST_SHUTDOWN


def test_a_move_in_the_cluster_concerns_no_vm_outside_of_it() -> None:
    assert observed(host_that_logged(*nine_seconds(), role_moved("22:01:15")), WINDOW).word is Observed.SAVED


def test_a_save_without_any_sign_of_a_backup_was_made_by_hand_for_all_that_is_known() -> None:
    seen = observed(host_that_logged(*nine_seconds()))

    [episode] = seen.episodes
    assert (episode.excluded_reason, episode.in_backup_window) == (Exclusion.MANUAL_SAVE, None)
    assert episode.confidence is Confidence.LOW
    assert seen.word is Observed.UNKNOWN
    assert "no backup window is set" in seen.reason


def test_where_the_windows_are_known_a_save_outside_of_them_was_made_by_hand() -> None:
    seen = observed(host_that_logged(*nine_seconds()), BackupWindow(moment("02:00:00"), moment("03:00:00")))

    [episode] = seen.episodes
    assert (episode.excluded_reason, episode.in_backup_window) == (Exclusion.MANUAL_SAVE, False)
    assert episode.confidence is Confidence.MEDIUM
    assert seen.word is Observed.NONE_SEEN
    assert "outside every backup window" in seen.reason


def test_the_end_of_a_window_is_outside_of_it() -> None:
    until_then = BackupWindow(moment("21:00:00"), moment("22:01:13"))

    assert not until_then.holds(moment("22:01:13"))
    assert until_then.holds(moment("21:00:00"))


@pytest.mark.parametrize("boot", [None, "2026-11-22T00:00:00Z"], ids=["start not known", "started since"])
def test_where_a_shutdown_could_not_be_read_a_save_proves_nothing(boot: str | None) -> None:
    sources = tuple(
        EventSource(provider=provider, read=provider != KERNEL, truncated=False) for provider in (WORKER, VMMS, KERNEL)
    )
    host = with_identity(host_that_logged(*nine_seconds(), sources=sources), last_boot_at=boot)

    seen = observed(host, WINDOW)

    assert seen.word is Observed.UNKNOWN
    assert "whether the host shut down then could not be read" in seen.reason


def test_a_host_that_ran_all_the_time_was_not_shut_down_whatever_its_log_says() -> None:
    sources = (EventSource(provider=WORKER, read=True, truncated=False),)
    host = with_identity(host_that_logged(*nine_seconds(), sources=sources), last_boot_at="2026-10-01T00:00:00Z")

    assert observed(host, WINDOW).word is Observed.SAVED


def test_an_excluded_save_does_not_hide_a_proof() -> None:
    by_shutdown = (saved("03:10:20"), windows_ended("03:10:50"), windows_started("03:16:00"), restored("03:16:40"))

    seen = observed(host_that_logged(*by_shutdown, *nine_seconds()), WINDOW)

    assert seen.word is Observed.SAVED
    assert [episode.excluded_reason for episode in seen.episodes] == [Exclusion.HOST_SHUTDOWN, None]


# Silence


def test_silence_of_a_log_that_reaches_back_is_no_save() -> None:
    seen = observed(healthy_host())

    assert (seen.word, seen.reason) == (Observed.NONE_SEEN, "no save was logged since 2026-11-09 00:00:00")


def reaches_back_to(oldest: str | None, **fields: Any) -> tuple[EventLog, ...]:
    known: dict[str, Any] = {"record_count": 900, "oldest_at": oldest, "readable": True}
    return (EventLog(log=WORKER_LOG, **(known | fields)),)


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ({"logs": reaches_back_to("2026-11-20T03:00:00Z")}, "reaches back to 2026-11-20 03:00:00 only"),
        ({"logs": reaches_back_to(None)}, "how far the log"),
        ({"logs": reaches_back_to(None, record_count=0)}, "is empty"),
        ({"logs": reaches_back_to("2026-10-01T00:00:00Z", readable=False)}, "could not be read"),
        ({"logs": ()}, "could not be read"),
        ({"logs": None}, "how far the log of the VMs reaches back is not known"),
        ({"window_from": None}, "how far the log of the VMs reaches back is not known"),
        ({"sources": (EventSource(provider=WORKER, read=True, truncated=True),)}, "more events of VMs than were read"),
        ({"sources": (EventSource(provider=WORKER, read=True),)}, "more events of VMs than were read"),
        ({"sources": (EventSource(provider=WORKER, read=False),)}, "did not report sources"),
        ({"sources": ()}, "did not report sources"),
        ({"events": None}, "did not report events"),
        (
            {"meanings": (EventMeaning(provider=WORKER, event_id=18596, level=4),)},
            "this Windows does not define event 18510",
        ),
        (
            {
                "meanings": (
                    EventMeaning(provider=WORKER, event_id=18510, level=4),
                    EventMeaning(provider=WORKER, event_id=18596, level=2),
                )
            },
            "event 18596 is no information on this Windows",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_silence_of_anything_less_is_unknown_and_never_clean(log: dict[str, Any], words: str) -> None:
    seen = observed(structs.replace(healthy_host(), vm_events=quiet_log(**log)))

    assert seen.word is Observed.UNKNOWN
    assert words in seen.reason


def test_the_probes_reason_is_told_where_the_worker_could_not_be_asked() -> None:
    host = structs.replace(healthy_host(), vm_events=quiet_log(sources=()))
    gap = Gap(what="sources", why="denied", detail=f"{WORKER} LogInfoUnavailable")

    assert "the account may not read it" in observed(with_gap(host, Section.VM_EVENTS, gap)).reason


def test_a_log_that_wrapped_hides_no_proof_that_is_still_in_it() -> None:
    host = host_that_logged(*nine_seconds(), logs=reaches_back_to("2026-11-20T03:00:00Z"))

    assert observed(host, WINDOW).word is Observed.SAVED


def test_another_log_in_which_lives_are_told_must_reach_back_too() -> None:
    elsewhere = event(WORKER, 18502, "10:00:00", vm_id=OTHER_VM, log="Microsoft-Windows-Hyper-V-Worker-Operational")

    seen = observed(host_that_logged(elsewhere))

    assert seen.word is Observed.UNKNOWN
    assert "Worker-Operational could not be read" in seen.reason


def test_without_the_manifest_a_proof_is_less_sure() -> None:
    assert only_episode(host_that_logged(*nine_seconds(), meanings=None), WINDOW).confidence is Confidence.MEDIUM


@pytest.mark.parametrize("status", [None, SectionStatus.DENIED, SectionStatus.TIMED_OUT])
def test_a_section_that_is_not_there_is_not_read(status: SectionStatus | None) -> None:
    seen = observed(without(healthy_host(), Section.VM_EVENTS, status))

    assert seen.word is Observed.NOT_READ
    assert seen.reason
    assert seen.episodes == ()


# Jobs


def test_a_job_and_the_event_of_the_same_save_are_one_episode() -> None:
    jobs = [save_job("22:01:12"), restore_job("22:01:23")]

    episode = only_episode(host_that_logged(*nine_seconds(), jobs=jobs), WINDOW)

    assert episode.source is EpisodeSource.BOTH
    assert (episode.saved_at, episode.contradiction) == (moment("22:01:13"), None)


def test_a_job_that_the_log_contradicts_is_shown_with_both_words() -> None:
    seen = observed(host_that_logged(jobs=[save_job("22:01:13"), restore_job("22:01:22")]), WINDOW)

    [episode] = seen.episodes
    assert episode.source is EpisodeSource.JOBS
    assert "the event log has no such event" in (episode.contradiction or "")
    assert seen.word is Observed.SAVED
    assert "the event log has no such event" in seen.reason


def test_a_job_alone_proves_a_save_where_no_events_were_read() -> None:
    host = without(host_that_logged(jobs=[save_job("22:01:13"), restore_job("22:01:22")]), Section.VM_EVENTS)
    host = with_identity(host, last_boot_at="2026-10-01T00:00:00Z")

    seen = observed(host, WINDOW)

    assert seen.word is Observed.SAVED
    assert seen.episodes[0].contradiction is None


def test_a_save_after_the_log_was_read_is_no_contradiction() -> None:
    host = host_that_logged(jobs=[save_job("22:01:13"), restore_job("22:01:22")], window_to="2026-11-20T22:01:00Z")

    assert only_episode(host, WINDOW).contradiction is None


@pytest.mark.parametrize(
    "other", [{"job_state": 4}, {"job_state": 10}, {"vm_id": None}, {"changed_at": None}, {"job_type": None}]
)
def test_a_job_that_runs_failed_or_names_no_vm_is_no_save(other: dict[str, Any]) -> None:
    spoiled = structs.replace(save_job("22:01:13"), **other)

    assert observed(host_that_logged(jobs=[spoiled]), WINDOW).episodes == ()


def test_the_uptime_of_a_vm_is_no_evidence() -> None:
    young = with_vms(healthy_host(), vms=(vm(uptime_seconds=60),))

    assert observed(young).word is Observed.NONE_SEEN


# Whose events


def test_every_vm_has_its_own_word() -> None:
    host = with_vms(host_that_logged(*nine_seconds(OTHER_VM)), vms=(vm(), vm(vm_id=OTHER_VM.upper(), name="APP01")))

    words = {verdict.vm: verdict.observed for verdict in judge(host, backup_windows=[WINDOW]).verdicts}

    assert words == {"SQL01": Observed.NONE_SEEN, "APP01": Observed.SAVED}


def test_events_of_a_vm_that_is_not_on_the_host_are_nobodys() -> None:
    assert judge(host_that_logged(*nine_seconds(OTHER_VM)), backup_windows=[WINDOW]).episodes == ()


@pytest.mark.parametrize("spoiled", [{"at": None}, {"at": "yesterday"}, {"vm_id": None}, {"event_id": 99}])
def test_an_event_without_time_vm_or_meaning_is_left_out(spoiled: dict[str, Any]) -> None:
    host = host_that_logged(structs.replace(saved("22:01:13"), **spoiled), restored("22:01:22"))

    assert observed(host, WINDOW).episodes == ()


def test_a_rule_says_what_was_seen_of_each_vm_and_is_never_green() -> None:
    host = with_vms(host_that_logged(*nine_seconds()), vms=(vm(), vm(vm_id=OTHER_VM, name="APP01")))

    said = {
        result.subject: (result.result, result.measured or result.reason)
        for result in judge(host, backup_windows=[WINDOW]).results
        if result.rule == "PROOF-SAVED"
    }

    assert said == {
        "SQL01": (ResultWord.FAIL, "was saved 2026-11-20 22:01:13 for 9 s"),
        "APP01": (ResultWord.UNKNOWN, "no save was logged since 2026-11-09 00:00:00"),
    }
