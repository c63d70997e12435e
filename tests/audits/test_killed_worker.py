"""kill -9 of a worker in the middle of a run: every host still ends with exactly one outcome."""

from pathlib import Path

import pytest
from django.db import connection

from audits import upkeep
from audits.models import AuditRun, HostAudit, HostState, RunRollup, Verdict
from audits.services import start_run
from audits.tasks import send
from simulator import windows
from tests.audits.estate import entered_hosts
from tests.audits.workers import a_worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

HOSTS = 12


def test_a_run_survives_its_worker(tmp_path: Path) -> None:
    log = tmp_path / "workers.log"
    # A second per host: when some have ended, others are in the middle.
    said = [windows.host(f"hv{number:02}", vms=[windows.vm("SQL01")], seconds=1) for number in range(HOSTS)]
    with entered_hosts(said, tmp_path / "fleet") as fleet:
        run = start_run(None)
        with a_worker(log) as first:
            wait_until(lambda: ended(run) >= HOSTS // 4 and running(run) > 0, "some hosts in the middle", log)
            first.kill()
        left_behind = let_every_lease_expire()
        assert left_behind
        with a_worker(log):
            wait_until(lambda: is_over(run), "the end of the run", log)
        shells = [fleet.report(host.name)["shells_created"] for host in said]

    run.refresh_from_db()
    audits = HostAudit.objects.filter(run=run)
    assert run.state == "completed"
    assert set(audits.values_list("state", flat=True)) == {"succeeded"}
    assert audits.filter(attempt=2).count() >= left_behind
    assert HostState.objects.filter(evidence_run=run).count() == HOSTS
    assert Verdict.objects.count() == HOSTS
    assert RunRollup.objects.filter(run=run, rule="VM-RUN").count() == HOSTS
    assert HOSTS <= sum(shells) <= sum(audits.values_list("attempt", flat=True))


def ended(run: AuditRun) -> int:
    return HostAudit.objects.filter(run=run, finished_at__isnull=False).count()


def running(run: AuditRun) -> int:
    return HostAudit.objects.filter(run=run, state="running").count()


def is_over(run: AuditRun) -> bool:
    """One look, with the scheduler's tick before it."""
    upkeep.tick(send)
    run.refresh_from_db()
    return not run.is_open


def let_every_lease_expire() -> int:
    """As if the dead worker had been silent for a minute; how many audits it held."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audits_hostaudit SET lease_expires_at = now() - interval '1 second' WHERE state = 'running'"
        )
        return int(cursor.rowcount)
