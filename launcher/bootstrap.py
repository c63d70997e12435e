"""Makes `.venv` out of a bare checkout, installs exactly what the lock file names, and goes on inside it."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from launcher import cli
from launcher.checkout import CHECKOUT, DEVELOPMENT_LOCK, RUNTIME_LOCK, VENV
from launcher.console import LaunchError, say
from launcher.locks import FileLock

# Variables with which pip or Python would install somewhere else, or find modules of another installation.
MISLEADING = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")

# How often a line says that the installation still goes on.
PROGRESS_SECONDS = 4.0

NO_VENV = (
    "Python's venv is not complete here ({reason}), and there is no pip that could stand in for it. Type\n"
    "    apt-get install python3-venv\n"
    "as root, then run the same command again."
)


def enter(arguments: list[str]) -> int:
    """Run the command line inside `.venv`, made or brought up to date first; return the exit code."""
    if not cli.needs_packages(arguments):
        return cli.main(arguments)
    try:
        prepare_venv(VENV, [RUNTIME_LOCK, DEVELOPMENT_LOCK] if cli.needs_development(arguments) else [RUNTIME_LOCK])
    except LaunchError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Interrupted; the next start goes on from here.")
        return 130
    if Path(sys.prefix).resolve() == VENV.resolve():
        return cli.main(arguments)
    python = str(VENV / "bin" / "python")
    os.execv(python, [python, str(CHECKOUT / "manage.py"), *arguments])  # noqa: S606 - nothing here wants a shell


def prepare_venv(venv: Path, locks: list[Path]) -> None:
    """Make sure that `venv` holds what the lock files name. Nothing is run where stamps say that it does.

    Raises LaunchError, after which a later call heals whatever is half made.
    """
    if all(_is_installed(venv, lock) for lock in locks):
        return
    turn = FileLock(venv.parent)
    if not turn.acquire(wait=False):
        say(f"Another command is preparing {venv}; waiting for it.")
        turn.acquire(wait=True)
    try:
        for lock in locks:
            if not _is_installed(venv, lock):
                _install(venv, lock)
    except OSError as error:
        raise LaunchError(
            f"Preparing {venv} failed: {error}. The checkout has to be writable for this user and the disk not full; "
            "then run the same command again."
        ) from error
    finally:
        turn.release()


def _is_installed(venv: Path, lock: Path) -> bool:
    try:
        return (venv / "bin" / "python").exists() and _stamp(venv, lock).read_text() == _fingerprint(lock)
    except FileNotFoundError:
        return False


def _stamp(venv: Path, lock: Path) -> Path:
    return venv / f"{lock.name}.installed"


def _fingerprint(lock: Path) -> str:
    """What was installed, and for which Python: another minor version needs other wheels."""
    return f"{sys.version_info.major}.{sys.version_info.minor} {hashlib.sha256(lock.read_bytes()).hexdigest()}"


def _install(venv: Path, lock: Path) -> None:
    started_at = time.monotonic()
    pip = _make_venv(venv)
    say(f"Installing the packages of {lock.name}, each checked against its hash ...")
    options = ("--no-deps", "--only-binary=:all:", "--require-hashes", "--no-input", "--progress-bar=off")
    command = [*pip, "install", *options, "--disable-pip-version-check", "--retries=2", "-r", str(lock)]
    last_lines = _run_with_progress(command, lock)
    if last_lines:
        told = "\n".join(f"    {line}" for line in last_lines)
        raise LaunchError(
            f"Installing the packages of {lock.name} failed. Tried:\n    {' '.join(command)}\npip said:\n{told}\n"
            "Check that this machine reaches its package index (HTTPS_PROXY and PIP_INDEX_URL are honoured), then run "
            "the same command again: it goes on with what has arrived."
        )
    _stamp(venv, lock).write_text(_fingerprint(lock))
    say(f"Packages are ready ({time.monotonic() - started_at:.0f} s).")


def _make_venv(venv: Path) -> list[str]:
    """Return the command that is pip for a working `venv`; a venv of another Python, or half made, is made anew."""
    python = venv / "bin" / "python"
    wanted = f"{sys.version_info.major}.{sys.version_info.minor} "
    stamps = [stamp.read_text() for stamp in venv.glob("*.installed")]
    usable = python.exists() and bool(stamps) and all(stamp.startswith(wanted) for stamp in stamps)
    if not usable and Path(sys.prefix).resolve() != venv.resolve():
        say(f"Making {venv} with Python {sys.version.split()[0]} ...")
        if venv.exists():
            shutil.rmtree(venv)
        with_pip = importlib.util.find_spec("ensurepip") is not None
        options = [] if with_pip else ["--without-pip"]
        if not with_pip and importlib.util.find_spec("pip") is None:
            raise LaunchError(NO_VENV.format(reason="ensurepip is missing"))
        made = _quietly([sys.executable, "-m", "venv", *options, str(venv)])
        if made.returncode != 0:
            reason = (made.stderr or made.stdout).strip().splitlines()[-1:] or [f"exit status {made.returncode}"]
            shutil.rmtree(venv, ignore_errors=True)
            raise LaunchError(NO_VENV.format(reason=reason[0]))
    if _quietly([str(python), "-m", "pip", "--version"]).returncode == 0:
        return [str(python), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(python)]


def _quietly(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=_clean_environment(), capture_output=True, text=True)


def _run_with_progress(command: list[str], lock: Path) -> list[str]:
    """Run pip and say now and then how far it is; return its last words if it failed, else nothing."""
    total = lock.read_text().count("==")
    fetched = 0
    lines: list[str] = []
    started_at = said_at = time.monotonic()
    with subprocess.Popen(
        command, env=_clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            lines.append(line.rstrip())
            fetched += line.startswith("Collecting ")
            if line.startswith("Installing collected packages"):
                say(f"  {fetched} packages are here ({time.monotonic() - started_at:.0f} s); unpacking them ...")
            elif time.monotonic() - said_at > PROGRESS_SECONDS:
                said_at = time.monotonic()
                say(f"  {fetched} of about {total} packages ({said_at - started_at:.0f} s)")
    if pip.returncode == 0:
        return []
    return [line for line in lines if line.startswith(("ERROR", "WARNING"))][-6:] or lines[-6:]


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in MISLEADING}
