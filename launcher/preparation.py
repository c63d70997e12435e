"""Brings tables and static files up to date, and knows without asking Django whether that was done already."""

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from launcher.checkout import CHECKOUT, RUNTIME_LOCK
from launcher.console import LaunchError, say
from launcher.state import State

APPS = ("fleet", "audits")  # what has migrations or static files of its own; the lock file stands for all others


def migrate(state: State, environment: Mapping[str, str], *, always: bool = False) -> None:
    """Migrate the database unless this code has already migrated this cluster."""
    stamp = state.directory / "migrated"
    files = [file for app in APPS for file in (CHECKOUT / app).rglob("migrations/*.py")]
    data = state.directory / "postgres"
    cluster = str(data.stat().st_ino) if data.exists() else environment.get("DATABASE_URL", "")
    fingerprint = _contents(files) + " " + hashlib.sha256(cluster.encode()).hexdigest()
    _once(state, stamp, fingerprint, "Preparing the database", ["migrate", "--noinput"], environment, always)


def collect_static(state: State, environment: Mapping[str, str]) -> None:
    """Collect, hash and compress the static files unless nothing has changed since."""
    stamp = state.directory / "static.collected"
    files = [file for top in ("static", *APPS) for file in (CHECKOUT / top).rglob("*") if "static" in file.parts]
    changed = "".join(f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}\n" for file in sorted(files))
    fingerprint = hashlib.sha256(changed.encode() + RUNTIME_LOCK.read_bytes()).hexdigest()
    command = ["collectstatic", "--noinput", "--clear"]
    _once(
        state, stamp, fingerprint, "Preparing the static files", command, environment, not state.static_files.exists()
    )


def _once(
    state: State,
    stamp: Path,
    fingerprint: str,
    what: str,
    command: list[str],
    environment: Mapping[str, str],
    always: bool,
) -> None:
    def is_done() -> bool:
        return not always and stamp.exists() and stamp.read_text() == fingerprint

    if is_done():
        return
    turn = state.preparation_lock
    turn.acquire(wait=True)
    try:
        if is_done():
            return
        started_at = time.monotonic()
        say(f"{what} ...")
        done = subprocess.run(
            [sys.executable, "-m", "config", *command], cwd=CHECKOUT, env=environment, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise LaunchError(
                f"{what} failed: `python3 manage.py {' '.join(command)}` ended with {done.returncode} and said\n"
                f"{done.stderr.strip()[-2000:]}"
            )
        stamp.write_text(fingerprint)
        say(f"{what}: done ({time.monotonic() - started_at:.1f} s).")
    finally:
        turn.release()


def _contents(files: Iterable[Path]) -> str:
    digest = hashlib.sha256(RUNTIME_LOCK.read_bytes())
    for file in sorted(files):
        digest.update(str(file.relative_to(CHECKOUT)).encode() + file.read_bytes())
    return digest.hexdigest()
