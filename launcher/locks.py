"""A lock that the kernel releases when its holder dies, however it dies."""

import fcntl
import os
from pathlib import Path


class FileLock:
    """An exclusive flock on a file or a directory; held until `release` or the end of the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, *, wait: bool) -> bool:
        """Take the lock and return True; with `wait=False` return False at once where somebody else has it."""
        flags = os.O_RDONLY if self.path.is_dir() else os.O_RDWR | os.O_CREAT
        descriptor = os.open(self.path, flags | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_held_by_another(self) -> bool:
        """Say whether another process holds the lock at this moment."""
        if self.acquire(wait=False):
            self.release()
            return False
        return True
