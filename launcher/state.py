"""One state directory is one instance: its data, its generated secrets, its logs and the place of its sockets."""

import base64
import hashlib
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from launcher.checkout import CHECKOUT
from launcher.console import LaunchError
from launcher.locks import FileLock

VARIABLE = "FLEET_AUDIT_STATE_DIR"

# A Unix socket's path is limited to 107 bytes, and a clone may lie deeper than that. The place has to be the same
# for a terminal, cron and sudo, so neither TMPDIR nor XDG_RUNTIME_DIR decides it.
SOCKETS_PARENT = Path("/tmp")  # noqa: S108 - the directory below it is 0700 and its owner is verified


@dataclass(frozen=True)
class State:
    """A state directory that exists, belongs to this user and is closed to everyone else."""

    directory: Path
    sockets: Path

    @property
    def logs(self) -> Path:
        return self.directory / "log"

    @property
    def static_files(self) -> Path:
        return self.directory / "static"

    @property
    def run(self) -> Path:
        """Small files that only describe the running processes, such as heartbeats."""
        return self.directory / "run"

    @property
    def up_lock(self) -> FileLock:
        """Held by `up` or `demo` for as long as the product runs."""
        return FileLock(self.directory / "up.lock")

    @property
    def preparation_lock(self) -> FileLock:
        """Held while migrations and static files are brought up to date, so that two commands do not both do it."""
        return FileLock(self.directory / "prepare.lock")

    @property
    def keeper_lock(self) -> FileLock:
        """Held by the process that keeps the embedded PostgreSQL and Valkey."""
        return FileLock(self.directory / "keeper.lock")

    @property
    def postgres_admin_password(self) -> Path:
        return self._secret("postgres-admin", _password)

    @property
    def postgres_password(self) -> Path:
        return self._secret("postgres", _password)

    @property
    def django_key(self) -> Path:
        return self._secret("django", _signing_key)

    @property
    def vault_key(self) -> Path:
        return self._secret("vault.json", _key_ring)

    def _secret(self, name: str, generate: Callable[[], str]) -> Path:
        """Return the secret's file, made on first use: complete or absent, 0600, never overwritten."""
        path = self.directory / "secrets" / name
        if not path.exists():
            descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mkstemp makes it 0600
            with os.fdopen(descriptor, "w") as file:
                file.write(generate())
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)  # unlike rename, fails where another command was first
            except FileExistsError:
                pass
            finally:
                os.unlink(draft)
        return path


def open_state(directory: Path | None = None) -> State:
    """Open or make the state directory: the argument, else $FLEET_AUDIT_STATE_DIR, else `var/` in the checkout.

    Raises LaunchError where the directory cannot be made or belongs to another user.
    """
    directory = directory or Path(os.environ.get(VARIABLE) or CHECKOUT / "var")
    directory = directory.expanduser().absolute()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _close_to_others(directory)
        directory = directory.resolve()
        for name in ("secrets", "log", "run"):
            (directory / name).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise LaunchError(
            f"The state directory {directory} cannot be used: {error.strerror}. "
            f"Choose another one with {VARIABLE}=/some/directory."
        ) from error
    sockets = sockets_of(directory, os.geteuid())
    sockets.mkdir(mode=0o700, exist_ok=True)
    _close_to_others(sockets)
    return State(directory, sockets)


def sockets_of(directory: Path, user: int) -> Path:
    """Return where the sockets of a state directory lie: a short path, the same for every process of its user."""
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    return SOCKETS_PARENT / f"fleet-audit-{user}-{name}"


def _close_to_others(directory: Path) -> None:
    """Make the directory 0700 after checking that nobody else planted or owns it."""
    status = directory.stat() if directory.parent != SOCKETS_PARENT else directory.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise LaunchError(
            f"{directory} belongs to user id {status.st_uid} and this is user id {os.geteuid()}. "
            f"Run the command as its owner, or choose another state directory with {VARIABLE}=/some/directory."
        )
    if stat.S_IMODE(status.st_mode) != 0o700:
        directory.chmod(0o700)


def _password() -> str:
    return secrets.token_urlsafe(32)


def _signing_key() -> str:
    """64 characters; Django asks for 50 at least."""
    return secrets.token_urlsafe(48)


def _key_ring() -> str:
    """A vault key ring with one key: 32 random bytes, the size AES-256 takes."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return json.dumps({"active": "k1", "keys": {"k1": key}})
