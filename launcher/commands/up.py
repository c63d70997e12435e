"""`up` and `demo`: everything, under one supervisor, until Ctrl-C."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from launcher import environment, keeper, ports, preparation, product
from launcher.checkout import CHECKOUT
from launcher.console import LaunchError, say
from launcher.parts import Part, die_with_parent
from launcher.state import State, open_state
from launcher.supervisor import Supervisor


def run_up(arguments: list[str]) -> int:
    """Run the product until somebody stops it."""
    return _run(_options("up", "Start the product and keep it running until Ctrl-C.", arguments), demo=False)


def run_demo(arguments: list[str]) -> int:
    """Run the product together with the simulated fleet."""
    description = "Start the product with a simulated fleet of Hyper-V hosts; the first start audits it."
    return _run(_options("demo", description, arguments), demo=True)


def _options(name: str, description: str, arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"manage.py {name}", description=description)
    parser.add_argument(
        "--port", type=_port, help="exactly this port; without it the first free one from 8000 is taken and printed"
    )
    parser.add_argument("--bind", default="127.0.0.1", help="a loopback address (default: 127.0.0.1)")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number from 1 to 65535")
    return int(text)


def _run(options: argparse.Namespace, *, demo: bool) -> int:
    started_at = time.monotonic()
    state = open_state()
    lock = state.up_lock
    if not lock.acquire(wait=False):
        raise LaunchError(
            f"The product is already running on the state directory {state.directory}. Stop it with Ctrl-C where it "
            "runs, or start a second, independent one with FLEET_AUDIT_STATE_DIR=/another/directory."
        )
    with ports.listen(options.bind, options.port) as listener:
        url = _url(listener)
        given = {**os.environ, "FLEET_AUDIT_BASE_URL": url}
        if demo:
            given["FLEET_AUDIT_ALLOW_LOOPBACK"] = "1"
        variables = environment.for_processes(state, given)
        environment.announce(state, variables)
        product_run = _Product(state, variables, listener, url)
        try:
            return product_run.run(started_at, demo=demo)
        finally:
            product_run.stop()


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Product:
    """One run of the product, from the first server to the last line."""

    def __init__(self, state: State, variables: Mapping[str, str], listener: socket.socket, url: str) -> None:
        self._state = state
        self._variables = variables
        self._served = {**variables, "FLEET_AUDIT_STATIC_ROOT": str(state.static_files)}
        self._listener = listener
        self._url = url
        self._servers = environment.embedded_servers(os.environ)
        self._membership: keeper.Membership | None = None
        self._supervisor = Supervisor(say)

    def run(self, started_at: float, *, demo: bool) -> int:
        supervisor = self._supervisor
        self._join()
        supervisor.catch_signals()
        preparation.migrate(self._state, self._variables, always="postgres" not in self._servers)
        preparation.collect_static(self._state, self._served)
        if supervisor.stop_asked:
            return 0
        simulator = product.simulator(self._state, self._variables) if demo else None
        if simulator is not None:
            supervisor.start(simulator)
        port = self._listener.getsockname()[1]
        supervisor.start(product.web(self._state, self._served, listener=self._listener.fileno(), port=port))
        link = self._ask("sign_in_link")
        if not self._wait_for("web"):
            return 1
        print(f"Fleet Audit is ready: {self._url}/", flush=True)
        self._print_link(link)
        say(f"Started in {time.monotonic() - started_at:.1f} s. Ctrl-C stops everything.")
        # The first page comes first; the workers need the same processor for a second or two.
        for name in product.WORKERS:
            supervisor.start(product.worker(self._state, self._variables, name))
        supervisor.start(product.scheduler(self._state, self._variables))
        if demo:
            if simulator is None:
                say("This checkout has no simulator program; the demo has no fleet.")
            elif not self._wait_for("simulator", *product.WORKERS):
                return 1
            else:
                self._seed()
        supervisor.run_until(lambda: False)
        return 0

    def stop(self) -> None:
        """Stop our parts, then let go of the servers and wait until they are gone as well."""
        say("Stopping ...")
        self._supervisor.stop_all()
        if self._membership is not None:
            self._supervisor.unwatch(self._membership)
            self._membership.give_back()
            if not keeper.wait_until_stopped(self._state):
                say("PostgreSQL and Valkey stay until the other command that uses them has ended.")
        say("Stopped.")

    def _join(self) -> None:
        if self._servers:
            self._membership = keeper.join(self._state, self._servers)
            self._supervisor.watch(self._membership, self._rejoin)

    def _rejoin(self) -> None:
        """The keeper was killed: its servers went with it, and come back with the next one."""
        assert self._membership is not None
        self._supervisor.unwatch(self._membership)
        self._membership.give_back()
        self._membership = None
        say("The keeper of PostgreSQL and Valkey has ended; starting it again.")
        self._join()

    def _wait_for(self, *names: str) -> bool:
        """Wait until the parts answer. False where somebody asked to stop meanwhile."""

        def is_decided() -> bool:
            return self._supervisor.is_healthy(names) or self._supervisor.hopeless() is not None

        self._supervisor.run_until(is_decided)
        if part := self._supervisor.hopeless():
            raise LaunchError(_why_hopeless(part))
        return not self._supervisor.stop_asked

    def _ask(self, *command: str) -> subprocess.Popen[str]:
        """Start one Django command beside everything else."""
        return subprocess.Popen(
            [sys.executable, "-m", "config", *command],
            cwd=CHECKOUT,
            env=dict(self._variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )

    def _print_link(self, command: subprocess.Popen[str]) -> None:
        link, complaints = command.communicate()
        if command.returncode == 0:
            print(f"Sign in once with this link: {link.strip()}", flush=True)
        else:
            say(f"No sign-in link could be made: {complaints.strip()[-500:]}")

    def _seed(self) -> None:
        """Bring in the demo's customers and hosts and start their first audit; harmless to do again."""
        command = self._ask("seed_demo", "--from", str(product.simulator_entries(self._state)), "--start")
        told, complaints = command.communicate()
        for line in (told + complaints).strip().splitlines()[-10:]:
            say(line)
        if command.returncode != 0:
            say(f"The demo's fleet could not be brought in (`seed_demo` ended with {command.returncode}).")


def _why_hopeless(part: Part) -> str:
    last_lines = Path(part.log).read_text(errors="replace").strip().splitlines()[-5:]
    told = "\n".join(f"    {line}" for line in last_lines)
    return f"{part.name} does not start. The end of its log ({part.log}):\n{told}"
