"""The embedded PostgreSQL: a cluster in the state directory that answers on a Unix socket and nowhere else."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from launcher.console import LaunchError
from launcher.parts import Part
from launcher.state import State
from launcher.unprivileged import Wrapping, wrapping
from launcher.wheels import postgres_binaries

ROLE = DATABASE = "fleet_audit"
ADMINISTRATOR = "postgres"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # web 2 x 8, workers 2 x 28, room for commands and, under `test`, for several processes of pytest.
    "max_connections": "150",
    # The queries are short; compiling one costs more than running it.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # A whole evidence import in one transaction may not be cut short, but a forgotten session may not hold locks.
    "idle_in_transaction_session_timeout": "10min",
}

# Tests throw the cluster away, so nothing of it has to survive a power cut; it still survives a kill -9.
THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def url(state: State) -> str:
    """Return the address in libpq's own form; the password is not in it, it stays in its file."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={state.sockets}"


def part(state: State, *, throwaway: bool) -> Part:
    """Describe the server for the supervisor. The first start makes the cluster, which takes about a second."""
    how = wrapping()
    data = state.directory / "postgres"
    settings = SETTINGS | {"unix_socket_directories": str(state.sockets)} | (THROWAWAY_SETTINGS if throwaway else {})
    options = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]

    def prepare() -> None:
        if not data.exists():
            _make_cluster(state, data, how)
        how.take_over(data)
        _clear_leftovers(data, state.sockets)

    return Part(
        name="postgres",
        command=[*how.prefix, str(postgres_binaries() / "postgres"), "-D", str(data), *options],
        environment=_environment(),
        log=state.logs / "postgres.log",
        is_healthy=lambda: _accepts(state),
        # Fast shutdown. SIGTERM would wait for every client to leave by itself.
        stop_signal=signal.SIGINT,
        death_signal=signal.SIGINT,
        stop_seconds=20,
        # Recovery after a crash replays at most a checkpoint's distance of WAL (1 GB by default).
        start_seconds=120,
        prepare=prepare,
    )


def _accepts(state: State) -> bool:
    # With a name given, libpq does not look for the one of the user, who may have none.
    where = (f"--host={state.sockets}", f"--username={ROLE}", f"--dbname={DATABASE}")
    command = [str(postgres_binaries() / "pg_isready"), "--quiet", "--timeout=1", *where]
    return subprocess.run(command, env=_environment()).returncode == 0


def _make_cluster(state: State, data: Path, how: Wrapping) -> None:
    """Make the cluster with its role and database beside its place and move it there: whole, or not at all."""
    draft = data.with_name("postgres.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    how.take_over(draft)
    _run(
        [
            *how.prefix, str(postgres_binaries() / "initdb"), "-D", str(draft),
            f"--username={ADMINISTRATOR}", "--pwfile=/dev/stdin",
            "--auth-local=scram-sha-256", "--auth-host=reject",
            # The same on every machine and in compose: no libc or ICU upgrade can change how an index sorts.
            "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ],
        state.postgres_admin_password.read_text() + "\n",
    )  # fmt: skip
    password = state.postgres_password.read_text()
    # Single-user mode ends a statement at an empty line (-j). No superuser; CREATEDB lets it make test databases.
    _run(
        [*how.prefix, str(postgres_binaries() / "postgres"), "--single", "-j", "-D", str(draft), "postgres"],
        f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER CREATEDB PASSWORD '{password}';\n\n"
        f"CREATE DATABASE {DATABASE} OWNER {ROLE};\n\n",
    )
    draft.rename(data)


def _run(command: list[str], standard_input: str) -> None:
    done = subprocess.run(command, input=standard_input, env=_environment(), capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if "ERROR" in line or "FATAL" in line or "error:" in line]
    if done.returncode != 0 or complaints:
        program = next(Path(word).name for word in command if "pginstall" in word)
        raise LaunchError(
            f"Making the PostgreSQL cluster failed in {program}: {' '.join(complaints) or done.stderr.strip()} "
            "Mend that or choose another FLEET_AUDIT_STATE_DIR, then run the command again."
        )


def _clear_leftovers(data: Path, sockets: Path) -> None:
    """End a server of this cluster that has lost its keeper, and drop a lock file whose process id means another."""
    lock = data / "postmaster.pid"
    try:
        process = int(lock.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    deadline = time.monotonic() + 20
    while _is_server_of(process, data):
        if time.monotonic() > deadline:
            os.kill(process, signal.SIGKILL)
        else:
            os.kill(process, signal.SIGINT)
        time.sleep(0.1)  # a process that is not a child can only be asked again
    for leftover in (lock, *sockets.glob(".s.PGSQL.*.lock")):
        leftover.unlink(missing_ok=True)


def _is_server_of(process: int, data: Path) -> bool:
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(data) in words


def _environment() -> dict[str, str]:
    """PostgreSQL's programs read many PG* variables of a person's shell; here they get none."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
