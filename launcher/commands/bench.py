"""`bench`: the numbers, measured on servers that are thrown away afterwards."""

import subprocess
import sys

from launcher.checkout import CHECKOUT
from launcher.temporary import temporary_servers


def run(arguments: list[str]) -> int:
    """Run the program `tests.bench` with the arguments and return its exit code."""
    command = [sys.executable, "-m", "tests.bench", *arguments]
    if {"-h", "--help"} & set(arguments):
        return subprocess.run(command, cwd=CHECKOUT).returncode
    with temporary_servers() as variables:
        return subprocess.run(command, cwd=CHECKOUT, env=variables).returncode
