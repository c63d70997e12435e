"""The process that keeps the embedded PostgreSQL and Valkey for as long as anybody is connected to it.

Every command that needs them, and `up` as well, holds a connection to the keeper's socket. The kernel closes it when
the command dies, however it dies; after the last one the keeper stops its servers and ends. So two commands at the same
time share one database, and neither can pull it from under the other.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from launcher import postgres, valkey
from launcher.checkout import CHECKOUT
from launcher.console import LaunchError
from launcher.parts import Part
from launcher.state import State, open_state
from launcher.supervisor import Supervisor

SOCKET_NAME = "keeper.sock"
SERVERS = ("postgres", "valkey")

# A keeper is started on behalf of somebody who then connects; should that one die in between, it ends by itself.
UNCLAIMED_SECONDS = 15.0
# Making the cluster on a slow disk, or recovering after a crash, may take this long.
PATIENCE_SECONDS = 180.0


class Membership:
    """A command's claim on the servers: they run until it is given back, or the process ends."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def fileno(self) -> int:
        """Readable when the keeper has died: a supervisor can watch it."""
        return self._connection.fileno()

    def survive_exec(self) -> None:
        """Let the claim pass to the program that replaces this process."""
        self._connection.set_inheritable(True)

    def give_back(self) -> None:
        self._connection.close()


def join(state: State, servers: frozenset[str], *, throwaway: bool = False) -> Membership:
    """Return a claim on the servers once all of them answer; starts a keeper where none is running.

    Raises LaunchError with the keeper's own words where a server cannot be started.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE_SECONDS)
        try:
            connection.connect(str(state.sockets / SOCKET_NAME))
            connection.sendall(" ".join(sorted(servers)).encode() + b"\n")
            answer = connection.makefile("rb").readline().decode().strip()
        except (FileNotFoundError, ConnectionError):
            answer = ""
        if answer == "ready":
            return Membership(connection)
        connection.close()
        if answer:
            raise LaunchError(answer)
        _start_keeper(state, throwaway=throwaway)
    raise LaunchError(
        f"The embedded {' and '.join(sorted(servers))} did not answer within {PATIENCE_SECONDS:.0f} s. "
        f"What they said is in {state.logs}."
    )


def wait_until_stopped(state: State) -> bool:
    """Wait until the keeper has stopped its servers; return False where others keep using them."""
    deadline = time.monotonic() + 30
    while state.keeper_lock.is_held_by_another():
        if time.monotonic() > deadline or _is_used_by_others(state):
            return False
        time.sleep(0.05)  # the keeper belongs to no one in particular, so its end is nobody's signal
    return True


def _is_used_by_others(state: State) -> bool:
    """The socket is there for as long as somebody is connected; it goes before the servers are stopped."""
    time.sleep(0.2)  # the keeper may not have heard of our leaving yet
    return (state.sockets / SOCKET_NAME).exists()


def _start_keeper(state: State, *, throwaway: bool) -> None:
    """Start a keeper and return when it listens, or when it ended because another one was first."""
    arguments = ["throwaway"] if throwaway else []
    with (state.logs / "keeper.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "launcher.keeper", str(state.directory), *arguments],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # Ctrl-C in a terminal is for the command; the keeper ends after it
        )
    assert process.stdout is not None
    with process.stdout as pipe:
        if not pipe.read(1):
            process.wait()
            time.sleep(0.05)  # another keeper is just starting or stopping: ask again in a moment


class Keeper:
    """Answers "ready" to everyone who connects, as soon as the servers that they named answer."""

    def __init__(self, state: State, *, throwaway: bool) -> None:
        self._state = state
        self._throwaway = throwaway
        self._supervisor = Supervisor(_log)
        self._waiting: dict[socket.socket, frozenset[str]] = {}
        self._members: set[socket.socket] = set()
        self._claimed_at: float | None = None

    def run(self) -> int:
        supervisor = self._supervisor
        supervisor.catch_signals()
        address = self._state.sockets / SOCKET_NAME
        address.unlink(missing_ok=True)  # left by a killed keeper; we hold the lock
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(address))
            listener.listen(64)
            supervisor.watch(listener, lambda: self._accept(listener))
            signal.signal(signal.SIGALRM, lambda number, frame: None)
            signal.setitimer(signal.ITIMER_REAL, UNCLAIMED_SECONDS)
            os.write(sys.stdout.fileno(), b"\n")
            sys.stdout.close()
            started_at = time.monotonic()
            failure = None
            while not supervisor.stop_asked and not self._is_deserted(started_at):
                try:
                    supervisor.step()
                except (LaunchError, OSError) as error:
                    failure = str(error)
                    break
                if part := supervisor.hopeless():
                    failure = _why_hopeless(part)
                    break
                self._answer_the_waiting()
            address.unlink(missing_ok=True)  # from here on a newcomer starts the next keeper
            for connection in self._waiting if failure else ():
                _send(connection, failure or "")
            supervisor.unwatch(listener)
        supervisor.stop_all()
        return 1 if failure else 0

    def _is_deserted(self, started_at: float) -> bool:
        if self._claimed_at is None:
            return time.monotonic() - started_at > UNCLAIMED_SECONDS
        return not self._members and not self._waiting

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.settimeout(5)  # the request is one line, sent at once by our own code
        try:
            names = connection.makefile("rb").readline().decode().split()
        except OSError:
            names = []
        if not names or not set(names) <= set(SERVERS):
            connection.close()
            return
        self._claimed_at = time.monotonic()
        self._waiting[connection] = frozenset(names)
        self._supervisor.watch(connection, lambda: self._farewell(connection))
        for name in names:
            if not self._supervisor.is_started(name):
                self._supervisor.start(self._describe(name))

    def _describe(self, name: str) -> Part:
        if name == "postgres":
            return postgres.part(self._state, throwaway=self._throwaway)
        return valkey.part(self._state)

    def _farewell(self, connection: socket.socket) -> None:
        """A member never speaks again after its request, so what became readable is its end."""
        self._supervisor.unwatch(connection)
        self._waiting.pop(connection, None)
        self._members.discard(connection)
        connection.close()

    def _answer_the_waiting(self) -> None:
        for connection, names in list(self._waiting.items()):
            if self._supervisor.is_healthy(names):
                del self._waiting[connection]
                self._members.add(connection)
                _send(connection, "ready")


def _send(connection: socket.socket, line: str) -> None:
    with contextlib.suppress(OSError):  # it left while it waited; its end is reported to _farewell
        connection.sendall(line.replace("\n", " ").encode() + b"\n")


def _why_hopeless(part: Part) -> str:
    last_lines = part.log.read_text(errors="replace").strip().splitlines()[-3:]
    return f"The embedded {part.name} does not start. It said: {' / '.join(last_lines)} (whole log: {part.log})"


def _log(text: str) -> None:
    print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), text, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    state = open_state(Path(arguments[0]))
    lock = state.keeper_lock
    if not lock.acquire(wait=False):
        return 0
    return Keeper(state, throwaway="throwaway" in arguments[1:]).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
