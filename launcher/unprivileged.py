"""PostgreSQL refuses root and users without a name; here is how they start it without making an account."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.console import LaunchError

# `nobody` and `nogroup` on Debian, and the kernel's own overflow ids (/proc/sys/kernel/overflowuid).
NOBODY = 65534


@dataclass(frozen=True)
class Wrapping:
    """A command prefix, and the user id that has to own the files which the wrapped program calls its own."""

    prefix: Sequence[str]
    owner: int

    def take_over(self, directory: Path) -> None:
        """Make `owner` own the directory and all in it, as an earlier start may have used the other way."""
        if directory.exists() and directory.stat().st_uid != self.owner:
            for path in (directory, *directory.rglob("*")):
                os.chown(path, self.owner, -1, follow_symlinks=False)


def wrapping() -> Wrapping:
    """Return how this user runs a program that refuses root. Costs one short process for root, else nothing."""
    if os.geteuid() != 0:
        return in_user_namespace() if _has_no_name() and _user_namespaces_work() else Wrapping((), os.geteuid())
    return in_user_namespace() if _user_namespaces_work() else as_nobody()


def in_user_namespace() -> Wrapping:
    """Root outside is nobody inside: nothing is copied, no mode changes, and a 0700 directory stays reachable.

    The death signal is set after `unshare`, because a change of credentials clears it (prctl(2)).
    """
    ids = (f"--map-user={NOBODY}", f"--map-group={NOBODY}")
    return Wrapping(("unshare", "--user", *ids, "--", "setpriv", "--pdeathsig", "INT"), os.geteuid())


def as_nobody() -> Wrapping:
    """For containers that refuse user namespaces: nobody, who may still walk through root's 0700 directories."""
    capability = ("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override")
    ids = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    return Wrapping(("setpriv", *ids, *capability, "--pdeathsig", "INT"), NOBODY)


def _has_no_name() -> bool:
    """Say whether this user id has no account, as in many containers; initdb insists on a name."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return True
    return False


def _user_namespaces_work() -> bool:
    try:
        return subprocess.run([*in_user_namespace().prefix, "true"], capture_output=True).returncode == 0
    except FileNotFoundError as error:
        raise LaunchError(
            "As root, PostgreSQL is started with `unshare` and `setpriv`, and they are not installed. "
            "Install util-linux (apt-get install util-linux), or run the command as an ordinary user."
        ) from error
