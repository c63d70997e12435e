"""One product of the tests' own, started as a person starts it, and what a person sees of it."""

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from launcher.checkout import CHECKOUT
from tests.launcher import processes

# Far above what anything here takes; it only decides how long a broken launcher keeps the test run waiting.
PATIENCE_SECONDS = 60.0


def bare_environment(state: Path) -> dict[str, str]:
    """Return an environment as a newcomer has it: no servers named, no secrets, an empty home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLEET_AUDIT_", "DATABASE_"))}
    for name in ("REDIS_URL", "PYTEST_CURRENT_TEST", "DJANGO_SETTINGS_MODULE"):
        kept.pop(name, None)
    return kept | {"FLEET_AUDIT_STATE_DIR": str(state)}


class Instance:
    """The product on one state directory."""

    def __init__(
        self, state: Path, *, prefix: Sequence[str] = (), python: str = sys.executable, checkout: Path = CHECKOUT
    ) -> None:
        self.state = state
        self.environment: Mapping[str, str] = bare_environment(state)
        self._launcher = [*prefix, python, "-m", "launcher"]
        self._checkout = checkout
        self._lines: queue.Queue[str] = queue.Queue()
        self.supervisor: subprocess.Popen[str] | None = None
        self.url = ""

    def command(self, *arguments: str, typed: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run one command to its end; `typed` is its standard input."""
        return self.begin(*arguments, stdin=subprocess.DEVNULL if typed is None else subprocess.PIPE).result(typed)

    def begin(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> "Command":
        """Start one command and let it run."""
        process = subprocess.Popen(
            [*self._launcher, *arguments],
            cwd=self._checkout,
            env=dict(self.environment),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return Command(process)

    def up(self, *arguments: str, command: str = "up") -> None:
        """Start the product and return when it says that it is ready."""
        self.supervisor = subprocess.Popen(
            [*self._launcher, command, *arguments],
            cwd=self._checkout,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, args=(self.supervisor,), daemon=True).start()
        line = self.wait_for_line(r"Fleet Audit is ready: http")
        self.url = line.split(": ", 1)[1].strip().rstrip("/")

    def wait_for_line(self, pattern: str) -> str:
        """Return the next line the supervisor prints that contains the pattern."""
        seen: list[str] = []
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE_SECONDS)
            except queue.Empty:
                line = ""
            seen.append(line)
            if re.search(pattern, line):
                return line
            assert line, f"never printed {pattern!r}, but:\n{''.join(seen)}"

    def get(self, path: str) -> int:
        """Return the status of a page."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=PATIENCE_SECONDS) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def process(self, *words: str) -> int:
        """Return the one process of this instance whose command line has all the words, the eldest if several."""
        found = [p for p in self.processes() if all(word in processes.command_line(p) for word in words)]
        assert found, f"no process with {words} among {sorted(map(processes.command_line, self.processes()))}"
        return min(found)

    def processes(self) -> set[int]:
        return processes.belonging_to(self.state)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal to the supervisor and return its exit code."""
        assert self.supervisor is not None
        self.supervisor.send_signal(number)
        return self.supervisor.wait(PATIENCE_SECONDS)

    def clear_away(self) -> None:
        """End whatever a failed test has left running."""
        if self.supervisor is not None and self.supervisor.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.stop()
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):  # it may end by itself between the look and the kill
                os.kill(process, signal.SIGKILL)

    def _read(self, supervisor: subprocess.Popen[str]) -> None:
        assert supervisor.stdout is not None
        for line in supervisor.stdout:
            self._lines.put(line)
        self._lines.put("")


class Command:
    """A command that is running."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def result(self, typed: str | None = None) -> subprocess.CompletedProcess[str]:
        out, err = self.process.communicate(typed, timeout=PATIENCE_SECONDS)
        return subprocess.CompletedProcess(self.process.args, self.process.returncode, out, err)


def eventually(condition: Callable[[], bool], patience_seconds: float = PATIENCE_SECONDS) -> bool:
    """Ask until the condition holds; False after the patience has ended."""
    tick = threading.Event()
    asked = 0
    while not condition():
        asked += 1
        if asked > patience_seconds * 20:
            return False
        tick.wait(0.05)
    return True
