"""`test`: all tests, in one command, on servers of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable

from launcher.checkout import CHECKOUT
from launcher.parts import die_with_parent
from launcher.temporary import temporary_servers

# Two processes of pytest: a small machine has two cores, and each process has a database of its own to make.
PROCESSES = 2


def run(arguments: list[str]) -> int:
    """Run pytest with the arguments and return its exit code. The live state directory is never touched."""
    command = [sys.executable, "-m", "pytest", *_in_parallel(arguments), *arguments]
    with temporary_servers() as variables:
        # pytest hears Ctrl-C itself and ends in good order; this process only waits for it.
        previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            process = subprocess.Popen(command, cwd=CHECKOUT, env=variables, preexec_fn=_prepare_child())
            status = process.wait()
        finally:
            signal.signal(signal.SIGINT, previous)
    return status if status >= 0 else 128 - status


def _in_parallel(arguments: list[str]) -> list[str]:
    """Split the whole suite; a person who names tests, or looks into one, gets them in one process."""
    named = any(os.path.exists(CHECKOUT / word.split("::")[0]) for word in arguments if not word.startswith("-"))
    decided = any(word.startswith(("-n", "--numprocesses", "--pdb", "--trace", "-s", "-h")) for word in arguments)
    return [] if named or decided else ["-n", str(PROCESSES), "--dist", "loadgroup"]


def _prepare_child() -> Callable[[], None]:
    """Return what undoes our own deafness to Ctrl-C in the child, and ends it together with us."""
    follow = die_with_parent(signal.SIGTERM)

    def prepare() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        follow()

    return prepare
