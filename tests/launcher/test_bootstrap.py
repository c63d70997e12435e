"""From a bare checkout to an environment that holds exactly what the lock file names; no index is asked here."""

import base64
import hashlib
import importlib.util
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from launcher import bootstrap
from launcher.checkout import CHECKOUT
from launcher.console import LaunchError

WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that is all of pip's package index."""
    directory = tmp_path / "shelf"
    directory.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(directory))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return directory


@pytest.fixture
def without_ensurepip(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a Debian without python3-venv. It also saves the seconds that ensurepip takes, where it does not matter."""
    hide(monkeypatch, "ensurepip")
    monkeypatch.setattr(sys, "executable", python_with_pip())


def python_with_pip() -> str:
    """This environment, or where it was made without pip the Python that made it, whose pip installed it."""
    return sys.executable if importlib.util.find_spec("pip") else str(sys._base_executable)  # type: ignore[attr-defined]


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    return tmp_path / "checkout" / ".venv"


def put_on_shelf(shelf: Path, version: str) -> str:
    """Make a wheel of the package `parcel` and return the line of a lock file that names it."""
    files = {
        "parcel.py": f"VERSION = '{version}'\n",
        f"parcel-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: parcel\nVersion: {version}\n",
        f"parcel-{version}.dist-info/WHEEL": WHEEL,
    }
    record = "".join(f"{name},sha256={_record_hash(text)},{len(text)}\n" for name, text in files.items())
    wheel = shelf / f"parcel-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {**files, f"parcel-{version}.dist-info/RECORD": record}.items():
            archive.writestr(name, text)
    return f"parcel=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def _record_hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def write_lock(venv: Path, text: str) -> Path:
    venv.parent.mkdir(exist_ok=True)
    lock = venv.parent / "requirements.lock"
    lock.write_text(text)
    return lock


def installed_version(venv: Path) -> str:
    command = [str(venv / "bin" / "python"), "-c", "import parcel; print(parcel.VERSION)"]
    return subprocess.run(command, capture_output=True, text=True, cwd=venv.parent).stdout.strip()


def test_a_bare_checkout_gets_what_its_lock_file_names(
    shelf: Path, venv: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = write_lock(venv, put_on_shelf(shelf, "1.0"))

    bootstrap.prepare_venv(venv, [lock])

    assert installed_version(venv) == "1.0"
    told = capsys.readouterr()
    assert told.out == ""
    assert "Packages are ready" in told.err


@pytest.mark.usefixtures("without_ensurepip")
def test_the_second_start_runs_nothing(shelf: Path, venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = write_lock(venv, put_on_shelf(shelf, "1.0"))
    bootstrap.prepare_venv(venv, [lock])
    monkeypatch.setattr(subprocess, "run", None)
    monkeypatch.setattr(subprocess, "Popen", None)

    bootstrap.prepare_venv(venv, [lock])


@pytest.mark.usefixtures("without_ensurepip")
def test_a_changed_lock_file_is_followed(shelf: Path, venv: Path) -> None:
    bootstrap.prepare_venv(venv, [write_lock(venv, put_on_shelf(shelf, "1.0"))])

    bootstrap.prepare_venv(venv, [write_lock(venv, put_on_shelf(shelf, "2.0"))])

    assert installed_version(venv) == "2.0"


@pytest.mark.usefixtures("without_ensurepip")
def test_a_package_whose_hash_differs_is_not_installed(shelf: Path, venv: Path) -> None:
    lock = write_lock(venv, f"parcel==1.0 --hash=sha256:{'0' * 64}\n")
    put_on_shelf(shelf, "1.0")

    with pytest.raises(LaunchError, match="DO NOT MATCH THE HASHES"):
        bootstrap.prepare_venv(venv, [lock])

    assert installed_version(venv) == ""


@pytest.mark.usefixtures("without_ensurepip")
def test_after_a_failed_installation_the_next_start_heals(shelf: Path, venv: Path) -> None:
    line = put_on_shelf(shelf, "1.0")
    lock = write_lock(venv, line)
    wheel = next(shelf.iterdir())
    wheel.rename(wheel.with_suffix(".away"))
    with pytest.raises(LaunchError, match="Check that this machine reaches its package index") as failed:
        bootstrap.prepare_venv(venv, [lock])
    wheel.with_suffix(".away").rename(wheel)

    bootstrap.prepare_venv(venv, [lock])

    assert "No matching distribution found for parcel==1.0" in str(failed.value)
    assert installed_version(venv) == "1.0"


@pytest.mark.parametrize("damage", ["bin/python", "pyvenv.cfg"])
def test_a_half_made_environment_heals(shelf: Path, venv: Path, damage: str) -> None:
    lock = write_lock(venv, put_on_shelf(shelf, "1.0"))
    (venv / "bin").mkdir(parents=True)
    (venv / damage).write_text("")

    bootstrap.prepare_venv(venv, [lock])

    assert installed_version(venv) == "1.0"


@pytest.mark.usefixtures("without_ensurepip")
def test_two_starts_at_the_same_time_make_one_environment(
    shelf: Path, venv: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = write_lock(venv, put_on_shelf(shelf, "1.0"))
    starts = [threading.Thread(target=bootstrap.prepare_venv, args=(venv, [lock])) for _ in range(2)]

    for start in starts:
        start.start()
    for start in starts:
        start.join()

    assert installed_version(venv) == "1.0"
    assert capsys.readouterr().err.count("Packages are ready") == 1


@pytest.mark.usefixtures("without_ensurepip")
def test_without_ensurepip_another_pip_stands_in(shelf: Path, venv: Path) -> None:
    lock = write_lock(venv, put_on_shelf(shelf, "1.0"))

    bootstrap.prepare_venv(venv, [lock])

    assert installed_version(venv) == "1.0"
    assert not list(venv.glob("lib/*/site-packages/pip"))


def test_without_ensurepip_and_pip_one_command_is_named(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "ensurepip", "pip")

    with pytest.raises(LaunchError, match="apt-get install python3-venv"):
        bootstrap.prepare_venv(venv, [write_lock(venv, "")])

    assert not venv.exists()


def test_without_venv_at_all_one_command_is_named(venv: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    crippled = tmp_path / "python"
    crippled.write_text(
        f'#!/bin/sh\n[ "$2" = venv ] && echo "No module named venv" >&2 && exit 1\nexec {sys.executable} "$@"\n'
    )
    crippled.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(crippled))

    with pytest.raises(LaunchError, match=r"No module named venv[^~]*apt-get install python3-venv"):
        bootstrap.prepare_venv(venv, [write_lock(venv, "")])


def test_an_older_python_is_told_which_one_is_needed() -> None:
    pretend = (
        "import sys, runpy; sys.version_info = (3, 9, 2); sys.argv = ['manage.py', 'up'];"
        f"runpy.run_path({str(CHECKOUT / 'manage.py')!r}, run_name='__main__')"
    )

    refused = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True)

    assert refused.returncode == 1
    assert "needs Python 3.11 or later" in refused.stderr


def hide(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let Python look as if it had no such modules, as Debian's does until python3-venv is installed."""
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in names else found(name))
