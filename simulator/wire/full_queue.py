"""A port behind which packets vanish: a listening socket whose queue is full, so that Linux drops every further SYN."""

import contextlib
import socket

# A queue of length 0 holds one connection; the others wait in vain, and are there for a kernel that is more generous.
WAITING = 4


def fill_queue(listener: socket.socket) -> list[socket.socket]:
    """Connections that nobody will accept. Keep them open for as long as the port is to swallow; `listen(0)` first."""
    waiting = []
    for _ in range(WAITING):
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        client.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            client.connect(listener.getsockname())
        waiting.append(client)
    return waiting
