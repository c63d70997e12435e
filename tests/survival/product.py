"""A whole product with 200 simulated hosts, of which any process can be killed while a run goes on."""

import csv
import io
import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from launcher import postgres
from launcher.state import open_state
from simulator.fleet import SimulatedFleet
from simulator.hosts import HostDefinition
from simulator.windows import HostSections, fleet
from simulator.windows_engine import WindowsEngine
from tests.bench.served_fleet import Remembered
from tests.launcher import processes
from tests.launcher.instance import Instance, eventually
from tests.survival import canary

HOSTS, VMS = 200, 3
# 48 threads need five rounds for 200 hosts; with 2 s a host the run lasts long enough to be hit three times.
SECONDS_PER_HOST = 2.0
# A lost lease runs for 60 s, a tick follows within 5, and then the rest is audited; the machine may be busy.
RUN_SECONDS = 240.0
CUSTOMER, CREDENTIAL, USER = "Survivor GmbH", "audit", "FLEET\\survivor"

ENDED = "SELECT count(*) FROM audits_hostaudit WHERE run_id = %s AND state NOT IN ('queued', 'running')"
READING = "SELECT count(*) FROM audits_hostaudit WHERE run_id = %s AND worker LIKE %s AND stage = 'reading'"
COMPLETED = "SELECT count(*) FROM audits_auditrun WHERE id = %s AND state = 'completed'"


class Paced(Remembered):
    """Answers from memory, but in a host's own time."""

    def pacing_seconds(self, name: str) -> float:
        return self.sections.pacing_seconds(name)

    async def read_guests(self, parameters: Mapping[str, object]) -> str:
        return await self.sections.read_guests(parameters)


@dataclass
class Product:
    """The product as a person started it, and the hosts that it audits."""

    instance: Instance
    hosts: SimulatedFleet
    names: list[str]
    run_id: str = ""

    def manage(self, *arguments: str, typed: str | None = None) -> str:
        """Give one command that has to succeed; what it printed."""
        done = self.instance.command(*arguments, typed=typed)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database; raises psycopg.OperationalError while it is away."""
        with self.database() as connection:
            return connection.execute(statement, values).fetchall()

    def database(self) -> "psycopg.Connection[tuple[Any, ...]]":
        state = open_state(self.instance.state)
        return psycopg.connect(postgres.url(state), password=state.postgres_password.read_text())

    def kill_reading_worker(self, at_least: int, *words: str) -> None:
        """Kill -9 the worker with these words in its command line while it reads so many hosts: their shells stay."""
        assert eventually(lambda: bool(self._workers(words))), f"no process with {words}"
        worker = self.instance.process(*words)
        assert eventually(lambda: self._count(READING, self.run_id, f"%:{worker}") >= at_least), "it never read enough"
        os.kill(worker, signal.SIGKILL)

    def kill_when(self, ended: int, *words: str) -> None:
        """Kill -9 the process with these words in its command line once so many hosts have their outcome."""
        assert eventually(lambda: self._count(ENDED, self.run_id) >= ended), f"{ended} hosts never ended"
        still_open = self.rows("SELECT state FROM audits_auditrun WHERE id = %s", self.run_id)
        assert still_open == [("running",)], "the run was over before it could be hit"
        os.kill(self.instance.process(*words), signal.SIGKILL)

    def wait_for_run(self) -> None:
        """Wait until the run has completed; otherwise tell where its hosts stand."""
        assert eventually(lambda: self._count(COMPLETED, self.run_id) == 1, RUN_SECONDS), Counter(
            self.rows("SELECT state, cause, attempt FROM audits_hostaudit WHERE run_id = %s", self.run_id)
        )

    def shells(self) -> Counter[str]:
        """Shells opened, deleted, expired and open, over all hosts."""
        names = ("shells_created", "shells_deleted", "shells_expired", "open_shells")
        total: Counter[str] = Counter()
        for host in self.names:
            report = self.hosts.report(host)
            total.update({name: int(report[name]) for name in names})
        return total

    def _count(self, statement: str, *values: str) -> int:
        try:
            return int(self.rows(statement, *values)[0][0])
        except psycopg.OperationalError:
            return 0  # killed a moment ago

    def _workers(self, words: tuple[str, ...]) -> list[int]:
        everyone = self.instance.processes()
        return [each for each in everyone if all(word in processes.command_line(each) for word in words)]


@contextmanager
def product(directory: Path) -> Iterator[Product]:
    """The product runs, its hosts listen and are entered; nothing was audited yet."""
    definitions = [
        HostDefinition(
            name=described.name,
            address=f"127.93.{number // 250}.{number % 250 + 1}",
            accounts={USER: canary.PASSWORD},
            dns_names=(described.name,),
            port=-1,
            certificate="estate_ca",
            engine=WindowsEngine(Paced(HostSections(replace(described, seconds=SECONDS_PER_HOST)))),
        )
        for number, described in enumerate(fleet(hosts=HOSTS, vms=VMS))
    ]
    instance = Instance(directory / "state")
    instance.environment = {**instance.environment, "FLEET_AUDIT_ALLOW_LOOPBACK": "1"}
    with SimulatedFleet(definitions, directory / "hosts") as hosts:
        try:
            instance.up()
            running = Product(instance, hosts, [each.name for each in definitions])
            _enter(running, definitions)
            yield running
        finally:
            instance.clear_away()


def _enter(running: Product, definitions: list[HostDefinition]) -> None:
    """Enter customer, sign-in and hosts as a person does, the secret over standard input."""
    ca = str(running.hosts.ca_path)
    running.manage("add_customer", CUSTOMER, "--network", "127.93.0.0/16", "--ca-file", ca)
    credential = ("--customer", CUSTOMER, "--name", CREDENTIAL, "--username", USER)
    running.manage("add_credential", *credential, typed=canary.PASSWORD)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["customer", "name", "address", "port", "credential"])
    for each in definitions:
        writer.writerow([CUSTOMER, each.name, each.address, running.hosts.port(each.name), CREDENTIAL])
    running.manage("import_hosts", "-", typed=table.getvalue())
