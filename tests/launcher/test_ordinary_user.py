"""An ordinary user, with no home and no rights, runs the product out of a clone of their own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.checkout import CHECKOUT
from launcher.state import SOCKETS_PARENT, sockets_of
from tests.launcher import processes
from tests.launcher.instance import Instance

pytestmark = pytest.mark.xdist_group("launcher")

# No account exists for it, which is harder than one with a name: initdb wants to know who runs it.
STRANGER = 54321
# `env` at the end: setpriv itself starts its program while it still has root's capabilities.
BECOME = ("setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups", "--no-new-privs", "env")


# Large, and nothing of the product imports them.
ONLY_FOR_TESTS = ("ansible*", "mypy*", "playwright*", "ruff*", "djlint*", "hypothesis*", "pip*", "*stubs*", "babel*")


@pytest.fixture(scope="module")
def ordinary() -> Iterator[Instance]:
    """The product in a clone that belongs to an ordinary user; where the tests run as one, that is this one."""
    home = Path(tempfile.mkdtemp(prefix="fleet-audit-test-", dir=SOCKETS_PARENT))
    clone = home / "clone"
    clone.mkdir()
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=True).stdout
    for name in os.fsdecode(tracked).split("\0"):
        if name and (CHECKOUT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CHECKOUT / name, clone / name)
    python = python_for_everyone(home / "python")
    prefix: tuple[str, ...] = ()
    if os.geteuid() == 0:
        prefix = BECOME
        for path in (home, clone, *clone.rglob("*")):
            os.chown(path, STRANGER, STRANGER, follow_symlinks=False)
    instance = Instance(home / "state", prefix=prefix, python=str(python), checkout=clone)
    instance.environment = {**instance.environment, "HOME": "", "LD_LIBRARY_PATH": str(home / "python/lib")}
    yield instance
    instance.clear_away()
    shutil.rmtree(sockets_of(home / "state", STRANGER), ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def python_for_everyone(directory: Path) -> Path:
    """Copy this interpreter with its packages to where a user may read it who may not read the original."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base, packages = Path(sys.base_prefix), Path(sys.prefix) / "lib" / version / "site-packages"
    unneeded = shutil.ignore_patterns("site-packages", "dist-packages", "test", "idlelib", "tkinter", "config-*")
    shutil.copytree(base / "lib" / version, directory / "lib" / version, ignore=unneeded)
    for shared in (base / "lib").glob("libpython*"):
        shutil.copy2(shared, directory / "lib")
    (directory / "bin").mkdir()
    shutil.copy2(base / "bin" / version, directory / "bin" / version)
    # A virtual environment written by hand, as Debian's Python looks into site-packages only in one.
    venv = directory / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text(f"home = {directory / 'bin'}\ninclude-system-site-packages = false\n")
    (venv / "bin" / "python").symlink_to(directory / "bin" / version)
    here = venv / "lib" / version / "site-packages"
    shutil.copytree(packages, here, ignore=shutil.ignore_patterns("tests", *ONLY_FOR_TESTS))
    return venv / "bin" / "python"


def test_the_product_runs_and_ends_without_any_rights(ordinary: Instance) -> None:
    ordinary.up()

    assert ordinary.get("/healthz") == 200
    owners = {Path(f"/proc/{process}").stat().st_uid for process in ordinary.processes()}
    assert owners == {STRANGER if os.geteuid() == 0 else os.geteuid()}
    everyone = ordinary.processes()
    assert ordinary.stop() == 0
    assert processes.wait_for_end(everyone, 20) == set()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second user")
def test_another_users_state_directory_is_refused_in_a_sentence(ordinary: Instance) -> None:
    shutil.rmtree(ordinary.state, ignore_errors=True)
    ordinary.state.mkdir(mode=0o700)

    refused = ordinary.command("shell", "-c", "pass")

    assert refused.returncode == 1
    assert f"belongs to user id 0 and this is user id {STRANGER}" in refused.stderr
    assert "Traceback" not in refused.stderr
