"""The watchdog: one thread for all hosts, which ends what runs too long and nothing else."""

import os
import threading

from audits.collect.winrm import Watchdog


def test_it_kills_what_is_not_done_in_time() -> None:
    killed = threading.Event()
    with Watchdog().watch(0.01, killed.set):
        assert killed.wait(10)


def test_what_is_done_in_time_is_left_alone() -> None:
    watchdog = Watchdog()
    first, second = threading.Event(), threading.Event()
    with watchdog.watch(0.02, first.set):
        pass
    with watchdog.watch(0.05, second.set):
        assert second.wait(10)  # later than the first, which therefore had its chance
    assert not first.is_set()


def test_a_nearer_deadline_is_not_held_up_by_a_farther_one() -> None:
    watchdog = Watchdog()
    killed = threading.Event()
    with watchdog.watch(3600, lambda: None), watchdog.watch(0.01, killed.set):
        assert killed.wait(10)


def test_one_thread_serves_everybody() -> None:
    watchdog = Watchdog()
    before = threading.active_count()
    watches = [watchdog.watch(3600, lambda: None) for _ in range(100)]
    assert threading.active_count() == before + 1
    for watch in watches:
        watch.__exit__()


def test_a_forked_child_gets_a_thread_of_its_own() -> None:
    watchdog = Watchdog()
    with watchdog.watch(3600, lambda: None):
        child = os.fork()
        if child == 0:
            killed = threading.Event()
            watchdog.watch(0.01, killed.set)
            os._exit(0 if killed.wait(10) else 1)
        _, status = os.waitpid(child, 0)
    assert status == 0
