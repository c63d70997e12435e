"""What a worker spends on a host, and how many hosts a second two workers finish, over real TLS, NTLM and WinRM."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connection

from audits.models import AuditRun, HostAudit, RunState
from audits.pipeline.one_host import audit_next
from audits.services import start_run
from audits.tasks import workshop
from fleet.models import Host
from fleet.services import save_credential, save_customer
from fleet.vault import vault_from
from tests.bench import database
from tests.bench.number import Number

ONE_BY_ONE_HOSTS = 30
WORKERS, THREADS = 2, 24
POLL_SECONDS = 0.05
GIVE_UP_SECONDS = 300


@dataclass
class Served:
    """A fleet that listens; `shells` is known after it was closed."""

    entries: dict[str, Any]
    shells: dict[str, int] = field(default_factory=dict)


def measure(vms: int) -> Iterator[Number]:
    """Processor time of this process for whole audits, one by one: the first of each host, then unchanged ones."""
    database.empty()
    with _served(ONE_BY_ONE_HOSTS, vms) as served:
        _enter(served)
        first = _audit_one_by_one()
        unchanged = min(_audit_one_by_one(), _audit_one_by_one())
    how = f"{ONE_BY_ONE_HOSTS} hosts of {vms} VMs, https and NTLM, median; transport, evidence, rules, verdict, store"
    yield Number("worker CPU per host, first audit", first, "ms", at_most=35, how=how)
    yield Number("worker CPU per host, unchanged host", unchanged, "ms", at_most=35, how=how)
    yield _leaked(served)


def measure_end_to_end(hosts: int, vms: int) -> Iterator[Number]:
    """Hosts a second from the click to the end of the run, with simulator and PostgreSQL on the same processors."""
    database.empty()
    with _served(hosts, vms) as served, _workers():
        _enter(served)
        first = _run_seconds()
        again = _run_seconds()
        succeeded = HostAudit.objects.filter(state="succeeded").count()
    how = f"{hosts} hosts of {vms} VMs, {WORKERS} workers of {THREADS} threads, {succeeded} of {2 * hosts} succeeded"
    yield Number("end to end, first audit", hosts / first, "hosts/s", how=how)
    yield Number("end to end, unchanged hosts", hosts / again, "hosts/s", at_least=40, how=how)
    yield _leaked(served)


@contextmanager
def _served(hosts: int, vms: int) -> Iterator[Served]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.served_fleet", str(hosts), str(vms)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    served = Served(json.loads(process.stdout.readline()))
    try:
        yield served
    finally:
        process.stdin.close()
        served.shells = json.loads(process.stdout.readline() or "{}")
        process.wait()


@contextmanager
def _workers() -> Iterator[None]:
    """Workers as the product starts them, and their scheduler."""
    celery = [sys.executable, "-m", "celery", "--app=config.celery", "--quiet"]
    worker = [*celery, "worker", "--pool=threads", f"--concurrency={THREADS}", "--queues=ondemand,scheduled"]
    quiet = ["--loglevel=WARNING", "--without-gossip", "--without-mingle"]
    environment = os.environ | {"FLEET_AUDIT_POOL_SIZE": str(THREADS + 4), "FLEET_AUDIT_LOG_LEVEL": "WARNING"}
    commands = [[*worker, *quiet, f"--hostname=bench{number}@localhost"] for number in range(WORKERS)]
    commands.append([*celery, "beat", "--loglevel=WARNING", "--schedule=/dev/null"])
    processes = [subprocess.Popen(command, env=environment) for command in commands]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def _enter(served: Served) -> None:
    """Enter the fleet as one customer, in bulk: entering is not what is measured."""
    entries = served.entries
    customer, _ = save_customer(
        None, "Bench", networks=["127.0.0.0/8"], backup_path="unknown", ca_pem=entries["ca_pem"]
    )
    vault = vault_from(settings.FLEET_AUDIT_VAULT_KEY_FILE)
    credential, _ = save_credential(None, customer, "audit", entries["username"], entries["password"], vault)
    Host.objects.bulk_create(Host(customer=customer, credential=credential, **entry) for entry in entries["hosts"])


def _audit_one_by_one() -> float:
    """Median milliseconds of processor time per host."""
    run = start_run(None)
    times = []
    for audit_id in HostAudit.objects.filter(run=run).values_list("id", flat=True):
        begun = time.process_time()
        audit_next(audit_id, workshop())
        times.append((time.process_time() - begun) * 1000)
    connection.close()
    return median(times)


def _run_seconds() -> float:
    run = start_run(None)
    given_up_at = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < given_up_at:
        run = AuditRun.objects.get(pk=run.pk)
        if run.state == RunState.COMPLETED and run.started_at and run.finished_at:
            return (run.finished_at - run.created_at).total_seconds()
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"the run had not ended after {GIVE_UP_SECONDS} s")


def _leaked(served: Served) -> Number:
    shells = served.shells
    how = f"{shells['shells_created']} opened, {shells['shells_deleted']} deleted"
    return Number("leaked shells", shells["open_shells"], "shells", at_most=0, how=how)
