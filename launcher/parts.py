"""A part: one process of the product, how it is started, when it counts as working and how it is stopped."""

import ctypes
import io
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from launcher.checkout import CHECKOUT

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None, use_errno=True)

# A log is started afresh above this size: enough for a day of trouble, too little to fill a disk.
LOG_LIMIT_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Part:
    """What the supervisor has to know about one process."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    is_healthy: Callable[[], bool]
    """Asked once a moment until it says yes, and every few seconds after that; answers within two seconds."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10
    """How long the part may take to stop in good order before it is killed."""
    death_signal: signal.Signals = signal.SIGKILL
    """What the kernel sends it when the process that started it dies."""
    start_seconds: float = 30
    """How long it may take until it is healthy; after that it counts as hung and is replaced."""
    hung_seconds: float = 30
    """How long a part that has worked may give no answer before it is replaced."""
    stops_last: bool = False
    """Stopped only after all parts without this mark have ended, because they depend on it."""
    prepare: Callable[[], None] = lambda: None
    """Done before every start: what a crash may have left behind is put right here."""
    descriptors: tuple[int, ...] = field(default=())
    """Open files that the process inherits, such as the listening socket."""


def spawn(part: Part) -> subprocess.Popen[bytes]:
    """Start the part in its own session, so that Ctrl-C reaches the supervisor alone and a group can be killed."""
    part.prepare()
    with _open_log(part.log) as log:
        return subprocess.Popen(
            part.command,
            cwd=CHECKOUT,
            env=dict(part.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=part.descriptors,
            preexec_fn=die_with_parent(part.death_signal),
        )


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child runs before exec: from there on it gets `death_signal` when its parent's thread ends."""
    parent = os.getpid()

    def arrange() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return arrange


def _open_log(path: Path) -> io.FileIO:
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return io.FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "a")
