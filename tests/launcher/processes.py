"""Looks at the processes of this machine, and waits for their end without asking again and again."""

import os
import select
from pathlib import Path


def command_line(process: int) -> str:
    """Return the words of a running process, or nothing for one that has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def environment_of(process: int) -> str:
    """Return the environment of a running process, or nothing for one that has ended or is not ours to see."""
    try:
        return Path(f"/proc/{process}/environ").read_bytes().replace(b"\0", b"\n").decode(errors="replace")
    except OSError:
        return ""


def belonging_to(state: Path) -> set[int]:
    """Return all processes that work on the state directory, with all that descend from them."""
    everyone = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    found = {
        process
        for process in everyone
        if f"FLEET_AUDIT_STATE_DIR={state}\n" in environment_of(process) or str(state) in command_line(process)
    }
    found.discard(os.getpid())
    for process in everyone:
        if _parent(process) in found and process != os.getpid():
            found.add(process)
    return {process for process in found if not _is_zombie(process)}


def wait_for_end(processes: set[int], seconds: float) -> set[int]:
    """Wait until all of them have ended; return those that are still there after so many seconds."""
    poll = select.poll()
    waiting: dict[int, int] = {}
    for process in processes:
        try:
            descriptor = os.pidfd_open(process)
        except ProcessLookupError:
            continue
        waiting[descriptor] = process
        poll.register(descriptor, select.POLLIN)
    while waiting:
        ended = poll.poll(seconds * 1000)
        if not ended:
            break
        for descriptor, _ in ended:
            poll.unregister(descriptor)
            os.close(descriptor)
            del waiting[descriptor]
    return set(waiting.values())


def _status(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["Z", "0"]


def _parent(process: int) -> int:
    return int(_status(process)[1])


def _is_zombie(process: int) -> bool:
    return _status(process)[0] == "Z"
