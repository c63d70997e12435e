"""The embedded Valkey: Celery's broker, on a Unix socket in a directory that only this user can enter."""

import signal
import socket

from launcher.parts import Part
from launcher.state import State
from launcher.wheels import valkey_server


def url(state: State) -> str:
    """Return the address as Celery writes it."""
    return f"redis+socket://{state.sockets}/valkey.sock?virtual_host=0"


def part(state: State) -> Part:
    """Describe the server for the supervisor."""
    address = state.sockets / "valkey.sock"
    data = state.directory / "valkey"
    settings = {
        "port": "0",
        "unixsocket": str(address),
        "unixsocketperm": "700",
        "dir": str(data),
        "databases": "64",  # one for the product, and one for each process of a parallel test run
        # A message is only a hint, the row in Postgres is the job; the log spares waiting for the sweeper.
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        # A broker that evicts loses messages in silence; one that refuses is heard.
        "maxmemory-policy": "noeviction",
    }
    return Part(
        name="valkey",
        command=[str(valkey_server()), *(word for name, value in settings.items() for word in (f"--{name}", value))],
        environment={},
        log=state.logs / "valkey.log",
        is_healthy=lambda: _answers_ping(str(address)),
        stop_signal=signal.SIGTERM,
        death_signal=signal.SIGTERM,
        prepare=lambda: data.mkdir(mode=0o700, exist_ok=True),
    )


def _answers_ping(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(address)
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
