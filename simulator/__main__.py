"""``python -m simulator serve --estate NAME --state DIR``: serve an estate until SIGTERM or SIGINT.

Prints one line of JSON when every port is open. Certificates stay in DIR, so pins hold over restarts.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import resource
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator import estates
from simulator.blocks import in_block
from simulator.control import Control, describe
from simulator.fleet import Fleet


def main() -> int:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__.splitlines()[0] if __doc__ else "")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve an estate until SIGTERM")
    serve.add_argument("--estate", required=True, help="the estate's name, such as demo")
    serve.add_argument("--state", required=True, type=Path, help="directory for certificates and keys")
    serve.add_argument("--control", type=Path, help="path of a unix socket to control the fleet by")
    serve.add_argument("--block", type=int, default=0, help="serve at 127.x.BLOCK.y, beside another instance")
    serve.add_argument("--entries", type=Path, help="write here, as JSON, what a person would enter for the estate")
    serve.add_argument("--exit-with-stdin", action="store_true", help="end when standard input is closed")
    serve.add_argument("--verbose", action="store_true", help="log what is unusual on standard error")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="simulator: %(message)s")
    _raise_file_limit()
    try:
        definitions = in_block(estates.load(options.estate), options.block)
        fleet = Fleet(definitions, options.state)
        if options.entries is not None:
            _write_entries(options.entries, estates.entries(options.estate, fleet.certificates, options.block))
    except (LookupError, ValueError) as error:
        print(f"simulator: estate {options.estate!r} cannot be served: {error}", file=sys.stderr)
        return 2
    try:
        asyncio.run(_serve(fleet, options.estate, options.control, exit_with_stdin=options.exit_with_stdin))
    except OSError as error:
        print(
            f"simulator: estate {options.estate!r} cannot listen: {error}. Is another simulator running?",
            file=sys.stderr,
        )
        return 1
    return 0


async def _serve(fleet: Fleet, estate: str, control_path: Path | None, *, exit_with_stdin: bool) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await fleet.start()
    control = Control(fleet)
    try:
        if control_path is not None:
            await control.listen(control_path)
        if exit_with_stdin:
            reader = asyncio.StreamReader()
            await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
            watch = loop.create_task(reader.read())
            watch.add_done_callback(lambda _: ended.set())
        ready = {
            "ready": True,
            "estate": estate,
            "control": str(control_path) if control_path else "",
            "ca": str(fleet.certificates.ca_path),
            "hosts": describe(fleet),
        }
        print(json.dumps(ready), flush=True)
        await ended.wait()
    finally:
        await control.close()
        await fleet.stop()
        if control_path is not None:
            with contextlib.suppress(FileNotFoundError):
                control_path.unlink()


def _write_entries(path: Path, entries: Mapping[str, Any]) -> None:
    """Whole or not at all, and for this user only: passwords of simulated hosts are in it."""
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(json.dumps(entries, ensure_ascii=False, indent=1), encoding="utf-8")
    new.replace(path)


def _raise_file_limit() -> None:
    """A thousand hosts with a connection each need more than the usual 1,024 files."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())
