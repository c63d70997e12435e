"""Episodes are stored once however often they are read, and keep what was predicted for their night."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from msgspec import structs

from audits.judgement.episodes.episode import Episode as ReadEpisode
from audits.judgement.episodes.episode import EpisodeSource, Exclusion
from audits.models import Episode, Schedule, Verdict, VerdictInterval
from audits.pipeline.home import Home, virtual_machine_ids
from audits.pipeline.store_episodes import store_episodes
from audits.schedules import save_schedule
from fleet.models import Host, VirtualMachine
from tests import factories
from tests.audits.world import a_customer, a_host

pytestmark = pytest.mark.django_db

GUID = "6d0a5a10-0000-4000-8000-000000000001"
SAVED_AT = datetime(2026, 11, 25, 1, 4, 11, 250_000, tzinfo=UTC)
RUN = uuid4()


@pytest.fixture
def host() -> Host:
    return a_host(a_customer(), "hv01")


def home_of(host: Host) -> Home:
    return Home(host.customer_id, host.pk, None)


def a_save(at: datetime = SAVED_AT, seconds: float | None = 41, **fields: object) -> ReadEpisode:
    values = {
        "vm_id": GUID,
        "vm": "SQL01",
        "saved_at": at,
        "restored_at": None if seconds is None else at + timedelta(seconds=seconds),
        "in_backup_window": True,
        "evidence_for_window": "inside the window 22:00-04:00",
        **fields,
    }
    return ReadEpisode(**values)  # type: ignore[arg-type]


def with_window(host: Host, begins: time = time(22), ends: time = time(4), time_zone: str = "Europe/Berlin") -> None:
    save_schedule(None, host.customer, window=(begins, ends), time_zone=time_zone)


def by_hand(episode: ReadEpisode) -> ReadEpisode:
    """As judgement tells a save for which nothing shows a backup."""
    return structs.replace(
        episode,
        in_backup_window=None if episode.in_backup_window is None else False,
        evidence_for_window=None,
        excluded_reason=Exclusion.MANUAL_SAVE,
        why_excluded="nothing on the host shows a backup at that time",
    )


def read(host: Host, *episodes: ReadEpisode, at: datetime | None = None) -> None:
    """As the end of an audit stores what it has read."""
    schedule = Schedule.objects.filter(customer=host.customer).first()
    store_episodes(episodes, home=home_of(host), schedule=schedule, run_id=RUN, at=at or timezone.now())


def predicted(host: Host, verdict: str, *, since: datetime, confidence: str = "high") -> Verdict:
    row = factories.a_vm(host, "SQL01", verdict, guid=GUID, since_at=since, confidence=confidence)
    return row


def test_an_episode_is_stored_with_its_times_its_night_and_its_grounds(host: Host) -> None:
    with_window(host)
    read(host, a_save())
    row = Episode.objects.get()
    assert (row.vm, row.saved_at, row.duration_seconds) == ("SQL01", SAVED_AT, 41)
    assert (row.night, row.is_proof, row.in_backup_window) == (date(2026, 11, 24), True, True)
    assert row.evidence_for_window == "inside the window 22:00-04:00"
    assert (row.host, row.customer, row.run_id) == (host, host.customer, RUN)


def test_read_again_it_is_not_written_again(host: Host) -> None:
    first = timezone.now() - timedelta(days=1)
    read(host, a_save(), at=first)
    read(host, a_save())
    assert Episode.objects.get().evidence_at == first


def test_the_second_half_is_filled_in_when_it_is_read(host: Host) -> None:
    read(host, a_save(seconds=None))
    assert (Episode.objects.get().restored_at, Episode.objects.get().is_proof) == (None, False)
    read(host, a_save(seconds=41))
    assert (Episode.objects.get().duration_seconds, Episode.objects.get().is_proof) == (41, True)


def test_a_log_that_has_lost_the_second_half_takes_nothing_away(host: Host) -> None:
    read(host, a_save(excluded_reason=Exclusion.HOST_SHUTDOWN, why_excluded="the host was shut down at 01:04"))
    read(host, a_save(seconds=None, in_backup_window=None))
    row = Episode.objects.get()
    assert (row.duration_seconds, row.excluded_reason, row.in_backup_window) == (41, "host_shutdown", True)


def test_evidence_of_a_backup_that_has_left_the_log_stays(host: Host) -> None:
    read(host, a_save(evidence_for_window="while Windows Server Backup ran"))
    read(host, by_hand(a_save()))
    row = Episode.objects.get()
    assert (row.is_proof, row.excluded_reason) == (True, None)
    assert row.evidence_for_window == "while Windows Server Backup ran"


def test_a_window_entered_later_turns_what_looked_manual_into_proof(host: Host) -> None:
    read(host, by_hand(a_save(in_backup_window=None)), at=timezone.now())
    assert Episode.objects.get().excluded_reason == "manual_save"
    with_window(host)
    read(host, a_save())
    assert (Episode.objects.get().is_proof, Episode.objects.get().excluded_reason) == (True, None)


def test_a_window_put_right_later_takes_back_what_the_wrong_one_proved(host: Host) -> None:
    with_window(host)
    read(host, a_save())
    with_window(host, time(8), time(9))
    read(host, by_hand(a_save(in_backup_window=False)))
    assert (Episode.objects.get().is_proof, Episode.objects.get().excluded_reason) == (False, "manual_save")


def test_a_doubt_that_a_better_reading_cleared_does_not_come_back(host: Host) -> None:
    read(host, a_save(doubt="whether the host was shut down could not be read"))
    assert not Episode.objects.get().is_proof
    read(host, a_save())
    read(host, a_save(doubt="whether the host was shut down could not be read"))
    assert Episode.objects.get().is_proof


def test_a_job_and_the_events_of_the_same_save_are_one_episode(host: Host) -> None:
    read(host, a_save(SAVED_AT - timedelta(seconds=3), seconds=None, source=EpisodeSource.JOBS))
    read(host, a_save())
    row = Episode.objects.get()
    assert (row.saved_at, row.source, row.duration_seconds) == (SAVED_AT, "both", 41)
    read(host, a_save(SAVED_AT - timedelta(seconds=3), seconds=None, source=EpisodeSource.JOBS))
    assert Episode.objects.get().saved_at == SAVED_AT


def test_two_saves_a_minute_apart_in_the_same_log_are_two_episodes(host: Host) -> None:
    read(host, a_save(), a_save(SAVED_AT + timedelta(seconds=55)))
    assert Episode.objects.count() == 2


def test_a_fraction_of_a_second_makes_no_second_episode(host: Host) -> None:
    read(host, a_save())
    read(host, a_save(SAVED_AT.replace(microsecond=0)))
    assert Episode.objects.count() == 1


def test_the_verdict_that_stood_at_the_save_is_kept_beside_it(host: Host) -> None:
    predicted(host, "saved_state", since=SAVED_AT - timedelta(hours=4), confidence="medium")
    read(host, a_save())
    row = Episode.objects.get()
    assert (row.predicted, row.predicted_confidence) == ("saved_state", "medium")


def test_a_verdict_that_has_changed_since_is_taken_from_its_history(host: Host) -> None:
    vm = predicted(host, "live", since=SAVED_AT + timedelta(hours=5))
    VerdictInterval.objects.create(
        virtual_machine=vm.virtual_machine,
        host=host,
        verdict="saved_state",
        confidence="high",
        became="live",
        from_at=SAVED_AT - timedelta(days=3),
        to_at=SAVED_AT + timedelta(hours=5),
    )
    read(host, a_save())
    assert Episode.objects.get().predicted == "saved_state"


def test_a_night_before_the_first_audit_has_no_prediction(host: Host) -> None:
    predicted(host, "saved_state", since=SAVED_AT + timedelta(hours=5))
    read(host, a_save())
    assert (Episode.objects.get().predicted, Episode.objects.get().predicted_confidence) == ("", "")


def test_a_prediction_is_never_changed_afterwards(host: Host) -> None:
    vm = predicted(host, "live", since=SAVED_AT - timedelta(days=1))
    read(host, a_save(seconds=None))
    Verdict.objects.filter(pk=vm.pk).update(verdict="saved_state")
    read(host, a_save())
    assert (Episode.objects.get().predicted, Episode.objects.get().duration_seconds) == ("live", 41)


def test_without_a_window_a_night_lasts_from_noon_to_noon(host: Host) -> None:
    evening, morning = datetime(2026, 11, 24, 20, 0, tzinfo=UTC), datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
    read(host, a_save(evening, in_backup_window=None), a_save(morning, in_backup_window=None))
    assert set(Episode.objects.values_list("night", flat=True)) == {date(2026, 11, 24)}


def test_a_window_entered_later_moves_the_night_to_its_evening(host: Host) -> None:
    at = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
    read(host, a_save(at, in_backup_window=None))
    assert Episode.objects.get().night == date(2026, 11, 25)
    with_window(host, time(20), time(19), "UTC")
    read(host, a_save(at))
    assert Episode.objects.get().night == date(2026, 11, 24)


def test_a_window_after_midnight_belongs_to_the_night_before(host: Host) -> None:
    with_window(host, time(1), time(13), "UTC")
    read(host, a_save(datetime(2026, 11, 25, 12, 30, tzinfo=UTC)))
    assert Episode.objects.get().night == date(2026, 11, 24)


def test_the_same_guid_on_another_host_is_another_vms_episode(host: Host) -> None:
    other = a_host(host.customer, "hv02")
    read(host, a_save())
    read(other, a_save())
    assert Episode.objects.count() == 2
    assert VirtualMachine.objects.filter(guid=GUID).count() == 2


def test_a_thousand_episodes_cost_a_fixed_number_of_statements(
    host: Host, django_assert_max_num_queries: object
) -> None:
    virtual_machine_ids(home_of(host), [GUID])
    many = [a_save(SAVED_AT - n * timedelta(minutes=5)) for n in range(1000)]
    with django_assert_max_num_queries(4):  # type: ignore[operator]  # of which one is this test's own
        read(host, *many)
    assert Episode.objects.count() == 1000
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        read(host, *many)
