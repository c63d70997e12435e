"""Worker, Valkey and PostgreSQL are killed with -9 during a run: every host still gets exactly one outcome."""

from collections import Counter

import pytest

from launcher.product import WORKER_THREADS
from tests.survival.product import HOSTS, VMS, Product

pytestmark = pytest.mark.xdist_group("survival")

# The promise. The product asks every host for it (WinRM's IdleTimeout); the number is not taken from the product.
IDLE_TIMEOUT_SECONDS = 60.0


def test_every_host_has_exactly_one_outcome_and_none_is_lost(survivor: Product) -> None:
    audits = survivor.rows("SELECT host_id, state, cause FROM audits_hostaudit WHERE run_id = %s", survivor.run_id)

    assert len({host for host, _, _ in audits}) == len(audits) == HOSTS
    assert Counter((state, cause) for _, state, cause in audits) == {("succeeded", ""): HOSTS}


def test_the_worker_that_was_killed_held_audits_and_others_did_them_again(survivor: Product) -> None:
    attempts = survivor.rows("SELECT attempt FROM audits_hostaudit WHERE run_id = %s AND attempt > 1", survivor.run_id)

    assert attempts, "nothing was done twice, so the kills hit nothing"


def test_what_was_done_twice_is_stored_once(survivor: Product) -> None:
    [(states, machines, verdicts)] = survivor.rows(
        "SELECT (SELECT count(*) FROM audits_hoststate WHERE last_outcome = 'succeeded'),"
        " (SELECT count(*) FROM fleet_virtualmachine), (SELECT count(*) FROM audits_verdict)"
    )

    assert (states, machines, verdicts) == (HOSTS, HOSTS * VMS, HOSTS * VMS)


def test_no_shell_outlives_its_idle_timeout(survivor: Product) -> None:
    for host in survivor.names:
        survivor.hosts.pass_time(host, IDLE_TIMEOUT_SECONDS)

    shells = survivor.shells()
    assert shells["open_shells"] == 0, shells
    assert shells["shells_created"] == shells["shells_deleted"] + shells["shells_expired"]
    assert shells["shells_created"] >= HOSTS
    assert shells["shells_expired"] > 0, "the killed worker had no shell open, so nothing was shown"
    assert shells["shells_expired"] <= WORKER_THREADS, "only the killed worker may leave shells to their timeout"
