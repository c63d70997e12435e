"""Which words the command line understands: four of our own, and every Django command."""

import os
import sys
from collections.abc import Callable

from launcher.commands import bench, django, suite, up
from launcher.console import LaunchError, say

COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "up": up.run_up,
    "demo": up.run_demo,
    "test": suite.run,
    "bench": bench.run,
}

OVERVIEW = """\
Fleet Audit: which Hyper-V virtual machines the next backup will pull offline, why, and what to change.

  python3 manage.py demo [--port N]      the product with a simulated fleet and a first audit
  python3 manage.py up [--port N]        the product, without the simulated fleet
  python3 manage.py test [arguments]     all tests; arguments go to pytest
  python3 manage.py bench                the numbers: speed and memory

While the product runs, and also while it does not:

  add_customer NAME ...                  a customer, its networks and its backup path
  add_credential --customer C ...        a customer's credential; the secret comes on standard input
  add_guest_access --customer C ...      which guests a credential may be sent to
  import_hosts FILE.csv                  hosts from a file
  trust_host NAME --sha256 FP            pin a host's certificate
  audit [--wait] [--json]                audit hosts now
  report vm_verdicts|findings            CSV on standard output
  sign_in_link                           a fresh one-time link for the browser

`python3 manage.py COMMAND --help` explains one; `python3 manage.py help --all` lists every Django command.
Everything is kept in $FLEET_AUDIT_STATE_DIR, by default var/ in the checkout.
"""


def needs_packages(arguments: list[str]) -> bool:
    """Say whether the command needs anything installed; explaining our own commands does not."""
    return not (_is_overview(arguments) or _explains_own(arguments))


def needs_development(arguments: list[str]) -> bool:
    """Say whether the command needs the packages of the tests as well."""
    return arguments[0] in ("test", "bench")


def main(arguments: list[str]) -> int:
    """Run one command line and return its exit code; what went wrong is one sentence on standard error."""
    if _is_overview(arguments):
        print(OVERVIEW, end="")
        return 0
    if arguments[0] == "help" and arguments[1] in COMMANDS:
        arguments = [arguments[1], "--help"]
    try:
        if command := COMMANDS.get(arguments[0]):
            return command(arguments[1:])
        return django.run(["help"] if arguments == ["help", "--all"] else arguments)
    except LaunchError as error:
        say(str(error))
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left; there is nobody to tell
        return 1
    except KeyboardInterrupt:
        return 130


def _is_overview(arguments: list[str]) -> bool:
    return not arguments or arguments in (["help"], ["--help"], ["-h"])


def _explains_own(arguments: list[str]) -> bool:
    if arguments[0] == "help":
        return arguments[1] in COMMANDS
    return arguments[0] in ("up", "demo") and bool({"-h", "--help"} & set(arguments))
