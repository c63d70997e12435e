"""Saves and restores find each other whatever the order, the doubles and the other VMs in the log."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from audits.judgement.episodes.known_events import WORKER, WORKER_LOG
from audits.judgement.episodes.life_events import life_events
from audits.judgement.episodes.saved_pairs import SavedPair, saved_pairs
from audits.judgement.evidence.vm_events import Event
from tests.judgement.life import OTHER_VM, moment, restored, saved, started, turned_off

SAVED, RESTORED, STARTED, STOPPED = 18510, 18596, 18500, 18502
VMS = ("vm-a", "vm-b", "vm-c")
BEGIN = moment("00:00:00")


def pairs_in(*events: Event) -> list[SavedPair]:
    return list(saved_pairs(life_events(events, 20348)))


# Examples


def test_a_save_and_the_restore_after_it_are_one_pair() -> None:
    [pair] = pairs_in(saved("22:01:13"), restored("22:01:22"))

    assert (pair.saved_at, pair.restored_at) == (moment("22:01:13"), moment("22:01:22"))
    assert pair.length == timedelta(seconds=9)


def test_a_restore_without_a_save_makes_no_pair() -> None:
    assert pairs_in(restored("22:01:22")) == []


def test_a_second_save_leaves_the_first_one_open() -> None:
    first, second = pairs_in(saved("21:00:00"), saved("22:01:13"), restored("22:01:22"))

    assert first.restored_at is None
    assert second.length == timedelta(seconds=9)


def test_the_restore_of_another_vm_ends_nothing() -> None:
    [pair] = pairs_in(saved("22:01:13"), restored("22:01:22", OTHER_VM))

    assert pair.restored_at is None


def test_a_start_that_restores_is_no_end_of_its_own() -> None:
    [pair] = pairs_in(saved("22:01:13"), started("22:01:21"), restored("22:01:22"))

    assert pair.length == timedelta(seconds=9)


def test_a_start_without_a_restore_ends_the_save() -> None:
    [pair] = pairs_in(saved("22:01:13"), started("22:30:00"), restored("23:00:00"))

    assert pair.restored_at is None


def test_turned_off_in_between_is_remembered() -> None:
    [pair] = pairs_in(saved("22:01:13"), turned_off("22:01:15"), restored("22:01:22"))

    assert pair.stopped_between


# Properties: a log is any interleaving of any number of VMs' lives, as often as it was read

steps = st.lists(
    st.tuples(st.integers(0, 40_000), st.sampled_from(VMS), st.sampled_from((SAVED, RESTORED, STARTED, STOPPED))),
    max_size=40,
    unique_by=lambda step: step[0],  # a log has one record at a moment: two would have no order at all
)


def log_of(steps: list[tuple[int, str, int]]) -> list[Event]:
    return [
        Event(
            log=WORKER_LOG,
            provider=WORKER,
            event_id=event_id,
            record_id=number,
            at=(BEGIN + timedelta(seconds=second)).isoformat(),
            vm_id=vm_id,
        )
        for number, (second, vm_id, event_id) in enumerate(sorted(steps))
    ]


@given(steps, st.randoms(use_true_random=False))
def test_the_order_in_which_events_were_read_does_not_matter(steps: list[tuple[int, str, int]], dice: Random) -> None:
    log = log_of(steps)
    shuffled = log.copy()
    dice.shuffle(shuffled)

    assert pairs_in(*shuffled) == pairs_in(*log)


@given(steps, st.data())
def test_an_event_that_was_read_twice_or_is_in_two_logs_counts_once(
    steps: list[tuple[int, str, int]], data: st.DataObject
) -> None:
    log = log_of(steps)
    again = data.draw(st.lists(st.sampled_from(log), max_size=10)) if log else []
    elsewhere = [
        Event(log="another", provider=each.provider, event_id=each.event_id, record_id=7, at=each.at, vm_id=each.vm_id)
        for each in again[:1]
    ]

    assert pairs_in(*log, *again, *elsewhere) == pairs_in(*log)


@given(steps)
def test_every_vm_has_the_pairs_it_would_have_alone(steps: list[tuple[int, str, int]]) -> None:
    together = pairs_in(*log_of(steps))
    alone = [pair for vm_id in VMS for pair in pairs_in(*log_of([step for step in steps if step[1] == vm_id]))]

    assert sorted(together, key=repr) == sorted(alone, key=repr)


@given(steps)
def test_every_save_is_one_pair_and_no_restore_ends_two(steps: list[tuple[int, str, int]]) -> None:
    pairs = pairs_in(*log_of(steps))
    ends = Counter((pair.vm_id, pair.restored_at) for pair in pairs if pair.restored_at)

    assert sorted((pair.vm_id, pair.saved_at) for pair in pairs) == sorted(
        (vm_id, BEGIN + timedelta(seconds=second)) for second, vm_id, event_id in steps if event_id == SAVED
    )
    assert set(ends.values()) <= {1}


@given(steps)
def test_a_pair_ends_after_it_began_and_nothing_else_was_restored_in_between(
    steps: list[tuple[int, str, int]],
) -> None:
    log = log_of(steps)
    restores: dict[str, list[datetime]] = {vm_id: [] for vm_id in VMS}
    for event in log:
        if event.event_id == RESTORED and event.vm_id and event.at:
            restores[event.vm_id].append(datetime.fromisoformat(event.at))
    for pair in pairs_in(*log):
        if pair.restored_at is not None:
            assert pair.restored_at > pair.saved_at
            assert min(at for at in restores[pair.vm_id] if at > pair.saved_at) == pair.restored_at
