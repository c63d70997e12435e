"""Keeps parts running: starts them, asks whether they work, starts them again when they end, stops them in order."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import FrameType
from typing import Any

from launcher.parts import Part, spawn

# How soon a starting part is asked again whether it works: below what a person notices.
STARTING_PAUSE_SECONDS = 0.05
# How often a working part is asked. A part that ends is noticed at once, by SIGCHLD; this finds one that hangs.
CHECK_PAUSE_SECONDS = 5.0
# The first restart is immediate, as one crash says nothing; then 0.5, 1, 2, ... 10 s, so that a part which
# cannot start neither burns the processor nor fills its log.
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 10.0
# After this long in good health the part has earned an immediate restart again.
FORGIVEN_AFTER_SECONDS = 30.0


@dataclass
class _Running:
    """What is known about a part while it is supervised."""

    part: Part
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    healthy_at: float | None = None
    """When it last answered since this start; None until it did."""
    next_check_at: float = 0.0
    restart_at: float | None = None
    failures: int = 0
    ever_healthy: bool = False


class Supervisor:
    """One thread, one loop. Signals and watched files wake it; between two events it sleeps."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._running: list[_Running] = []
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._drain)
        self.stop_asked = False

    def catch_signals(self) -> None:
        """Turn SIGTERM, SIGINT and SIGHUP into `stop_asked`, and be woken by the end of a child.

        A second one raises KeyboardInterrupt: whoever asks twice does not want to wait.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)

    def watch(self, file: Any, on_readable: Callable[[], None]) -> None:
        """Call `on_readable` from the loop whenever the file has something to read or reaches its end."""
        self._selector.register(file, selectors.EVENT_READ, on_readable)

    def unwatch(self, file: Any) -> None:
        self._selector.unregister(file)

    def start(self, part: Part) -> None:
        """Start the part and supervise it from now on. Returns at once; `is_healthy` says when it works."""
        running = _Running(part)
        self._running.append(running)
        self._spawn(running)

    def is_healthy(self, names: Iterable[str]) -> bool:
        """Say whether each of the named parts is started and has answered since."""
        healthy = {running.part.name for running in self._running if running.healthy_at is not None}
        return healthy.issuperset(names)

    def is_started(self, name: str) -> bool:
        return any(running.part.name == name for running in self._running)

    def hopeless(self) -> Part | None:
        """Return a part that has ended three times without ever having worked, if there is one."""
        for running in self._running:
            if running.failures >= 3 and not running.ever_healthy:
                return running.part
        return None

    def run_until(self, done: Callable[[], bool]) -> None:
        """Supervise until `done()` is true or somebody asked to stop; asked after every event."""
        while not done() and not self.stop_asked:
            self.step()

    def step(self) -> None:
        """Wait for the next event or the next thing due, and deal with all that is due."""
        self._wait(self._seconds_until_due())
        for running in self._running:
            if running.process is not None:
                self._look_after(running)
            elif running.restart_at is not None and running.restart_at <= time.monotonic():
                self._spawn(running)

    def stop_all(self) -> None:
        """Stop all parts, each in good order where it can and by force where it does not."""
        for stops_last in (False, True):
            leaving = [running for running in self._running if running.part.stops_last is stops_last]
            for running in leaving:
                self._ask_to_end(running)
            for running in leaving:
                self._see_it_end(running)
        self._running.clear()

    def _look_after(self, running: _Running) -> None:
        now = time.monotonic()
        if (status := _ended(running)) is not None:
            self._schedule_restart(running, f"ended ({_in_words(status)})")
        elif running.next_check_at <= now:
            self._check(running)

    def _check(self, running: _Running) -> None:
        answered = running.part.is_healthy()
        now = time.monotonic()
        if answered:
            if running.healthy_at is None and running.failures:
                self._report(f"{running.part.name} works again.")
            running.healthy_at = now
            running.ever_healthy = True
            running.next_check_at = now + CHECK_PAUSE_SECONDS
            if now - running.started_at > FORGIVEN_AFTER_SECONDS:
                running.failures = 0
            return
        patience = running.part.start_seconds if running.healthy_at is None else running.part.hung_seconds
        silent_since = running.healthy_at or running.started_at
        running.next_check_at = now + (STARTING_PAUSE_SECONDS if running.healthy_at is None else 1.0)
        if now - silent_since > patience:
            self._ask_to_end(running)
            self._see_it_end(running)
            self._schedule_restart(running, f"did not answer for {patience:.0f} s and was stopped")

    def _schedule_restart(self, running: _Running, what_happened: str) -> None:
        pause = 0.0
        if running.failures:
            pause = min(FIRST_BACKOFF_SECONDS * 2 ** (running.failures - 1), LONGEST_BACKOFF_SECONDS)
        running.failures += 1
        running.process = None
        running.healthy_at = None
        running.restart_at = time.monotonic() + pause
        when = f"in {pause:.1f} s" if pause else "now"
        self._report(f"{running.part.name} {what_happened}; starting it again {when}. Log: {running.part.log}")

    def _spawn(self, running: _Running) -> None:
        running.process = spawn(running.part)
        running.started_at = time.monotonic()
        running.restart_at = None
        running.healthy_at = None
        running.next_check_at = running.started_at

    def _ask_to_end(self, running: _Running) -> None:
        if running.process is not None:
            running.process.send_signal(running.part.stop_signal)

    def _see_it_end(self, running: _Running) -> None:
        process = running.process
        if process is None:
            return
        try:
            process.wait(running.part.stop_seconds)
        except subprocess.TimeoutExpired:
            self._report(f"{running.part.name} did not stop within {running.part.stop_seconds:.0f} s; killing it.")
        _kill_group(process.pid)
        process.wait()
        running.process = None

    def _seconds_until_due(self) -> float | None:
        due = [
            running.next_check_at if running.process is not None else running.restart_at for running in self._running
        ]
        times = [moment for moment in due if moment is not None]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _wait(self, seconds: float | None) -> None:
        for key, _ in self._selector.select(seconds):
            key.data()

    def _drain(self) -> None:
        os.read(self._wake_read, 4096)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self.stop_asked:
            raise KeyboardInterrupt
        self.stop_asked = True


def _ended(running: _Running) -> int | None:
    """Return the exit status of a part that has ended, after its whole process group is gone; None while it runs.

    The group is killed before the leader is reaped: until then its id cannot belong to anybody else.
    """
    process = running.process
    assert process is not None
    if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        return None
    _kill_group(process.pid)
    return process.wait()


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _in_words(status: int) -> str:
    if status < 0:
        return f"signal {signal.Signals(-status).name}"
    return f"exit status {status}"
