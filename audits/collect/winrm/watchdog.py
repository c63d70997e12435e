"""One thread that ends what runs too long, for all hosts of a process."""

import heapq
import itertools
import os
import threading
import time
from collections.abc import Callable


class Watch:
    """One deadline. Used in a `with` statement; leaving it in time means that nothing happens."""

    def __init__(self, kill: Callable[[], None]) -> None:
        self._kill: Callable[[], None] | None = kill
        self._lock = threading.Lock()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        """After this `kill` is not running and will not run."""
        with self._lock:
            self._kill = None

    def fire(self) -> None:
        with self._lock:
            if self._kill is not None:
                self._kill()
                self._kill = None


class Watchdog:
    """Calls `kill` when its time has come, from another thread. Create one per process and share it.

    The thread starts with the first watch, and anew in a forked child; between watches it sleeps without waking.
    """

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._watches: list[tuple[float, int, Watch]] = []
        self._numbers = itertools.count()  # keeps watches of the same moment comparable
        self._thread: threading.Thread | None = None

    def watch(self, seconds: float, kill: Callable[[], None]) -> Watch:
        """Call `kill` in `seconds` from now unless the watch is left before. `kill` must be quick and not raise."""
        if self._process != os.getpid():
            self._forget()  # threads do not survive a fork, and the lock may have been held
        watch = Watch(kill)
        entry = (time.monotonic() + seconds, next(self._numbers), watch)
        with self._changed:
            heapq.heappush(self._watches, entry)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            elif self._watches[0] is entry:
                self._changed.notify()
        return watch

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._watches or (wait := self._watches[0][0] - time.monotonic()) > 0:
                    self._changed.wait(wait if self._watches else None)
                _, _, watch = heapq.heappop(self._watches)
            watch.fire()
