"""The processes that make the product: web, workers, scheduler, and for the demo the simulated fleet."""

import hashlib
import http.client
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from launcher.checkout import CHECKOUT
from launcher.parts import Part
from launcher.state import State

# Two worker processes: one can be killed while the other goes on, and two cores are used (measured: stack of threads,
# several processes). An audit mostly waits for its host, so 24 of them share a process.
WORKERS = ("worker-1", "worker-2")
WORKER_THREADS = 24
# A connection for every thread, and for the worker's own four: consumer, timer, lease renewal, one to spare.
WORKER_POOL_SIZE = WORKER_THREADS + 4
WEB_POOL_SIZE = 8  # the threads of one gunicorn worker (config/gunicorn.py)

# A heartbeat older than this is a worker that no longer consumes; it beats every five seconds.
HEARTBEAT_SECONDS = 45.0
# A worker whose broker is away must not be killed with its audits; only one that stays silent far longer hangs.
HUNG_WORKER_SECONDS = 600.0


def web(state: State, environment: Mapping[str, str], *, listener: int, port: int) -> Part:
    """Serve the pages on a socket that the supervisor holds: while web is replaced, browsers wait and do not fail."""
    return Part(
        name="web",
        command=[sys.executable, "-m", "gunicorn", "--config", str(CHECKOUT / "config" / "gunicorn.py")],
        environment={
            **environment,
            "FLEET_AUDIT_BIND": f"fd://{listener}",
            "FLEET_AUDIT_POOL_SIZE": str(WEB_POOL_SIZE),
        },
        log=state.logs / "web.log",
        is_healthy=lambda: _answers(port),
        descriptors=(listener,),
    )


def worker(state: State, environment: Mapping[str, str], name: str) -> Part:
    """Run tasks; a click (`ondemand`) goes before the schedule."""
    options = ("--pool=threads", f"--concurrency={WORKER_THREADS}", "--queues=ondemand,scheduled")
    # Events between workers, which nobody here reads.
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return _celery(
        state,
        {**environment, "FLEET_AUDIT_POOL_SIZE": str(WORKER_POOL_SIZE)},
        name,
        ["worker", f"--hostname={name}@%h", *options, *quiet, "--loglevel=INFO"],
    )


def scheduler(state: State, environment: Mapping[str, str], name: str = "scheduler") -> Part:
    """Send one tick every five seconds."""
    return _celery(state, {**environment, "FLEET_AUDIT_POOL_SIZE": "2"}, name, ["beat", "--loglevel=WARNING"])


def simulator(state: State, environment: Mapping[str, str]) -> Part | None:
    """Serve the simulated fleet of the demo; None where this checkout has no simulator program."""
    if not (CHECKOUT / "simulator" / "__main__.py").exists():
        return None
    directory = simulator_directory(state)
    control = simulator_control(state)
    where = ("--estate", "demo", "--state", str(directory), "--control", str(control))
    entries = ("--entries", str(simulator_entries(state)))
    block = ("--block", str(simulator_block(state)))

    def prepare() -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        control.unlink(missing_ok=True)

    return Part(
        name="simulator",
        command=[sys.executable, "-m", "simulator", "serve", *where, *entries, *block],
        environment=environment,
        log=state.logs / "simulator.log",
        is_healthy=lambda: _listens(control),  # opened after the port of every host
        prepare=prepare,
        stops_last=True,  # hosts that vanish under a running audit would be stored as unreachable
    )


def simulator_directory(state: State) -> Path:
    """Where the simulated fleet keeps its certificates."""
    return state.directory / "simulator"


def simulator_block(state: State) -> int:
    """Which addresses the simulated hosts have, 127.x.BLOCK.y: the same on every start, another in another instance."""
    return hashlib.sha256(str(state.directory.resolve()).encode()).digest()[0]


def simulator_entries(state: State) -> Path:
    """The file in which the simulator says what a person would enter for its fleet; `seed_demo` reads it."""
    return simulator_directory(state) / "estate.json"


def simulator_control(state: State) -> Path:
    """The socket over which the simulated fleet tells what its hosts are called and where they are."""
    return state.sockets / "simulator.sock"


def forget(state: State, *names: str) -> None:
    """Remove the heartbeats of parts that have ended for good."""
    for name in names:
        (state.run / f"{name}.heartbeat").unlink(missing_ok=True)


def _celery(state: State, environment: Mapping[str, str], name: str, arguments: list[str]) -> Part:
    heartbeat = state.run / f"{name}.heartbeat"
    return Part(
        name=name,
        command=[sys.executable, "-m", "celery", "--app=config.celery", "--quiet", *arguments],
        environment={**environment, "FLEET_AUDIT_HEARTBEAT_FILE": str(heartbeat)},
        log=state.logs / f"{name}.log",
        is_healthy=lambda: _is_fresh(heartbeat),
        # Warm: audits that end within the stop time are stored, the others come back when their lease expires.
        stop_signal=signal.SIGTERM,
        stop_seconds=4,
        start_seconds=60,
        hung_seconds=HUNG_WORKER_SECONDS,
        prepare=lambda: heartbeat.unlink(missing_ok=True),
    )


def _answers(port: int) -> bool:
    """Say whether web answers at all: with its database away it answers 503, and replacing it would not help."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
        connection.getresponse().read()
        return True
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _listens(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        return connection.connect_ex(str(address)) == 0


def _is_fresh(heartbeat: Path) -> bool:
    try:
        return time.time() - heartbeat.stat().st_mtime < HEARTBEAT_SECONDS
    except FileNotFoundError:
        return False
