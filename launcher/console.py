"""What a person reads while they wait: progress on standard error, and the one error type that is a sentence."""

import sys


class LaunchError(Exception):
    """The product could not be started. The message says what was tried, on what, and what to do next."""


def say(text: str) -> None:
    """Write one progress line to standard error, which is never a command's result."""
    print(text, file=sys.stderr, flush=True)
