"""Takes a port before anything else is started, so that nothing else can take it in between."""

import errno
import ipaddress
import socket

from launcher.console import LaunchError

FIRST_PORT = 8000
PORTS_TRIED = 100


def listen(address: str, port: int | None) -> socket.socket:
    """Return a listening socket on the port, or on the first free one from 8000.

    Raises LaunchError where the given port is taken, and for an address that others could reach: this profile is plain
    http, and is for this machine alone.
    """
    try:
        host = ipaddress.ip_address("127.0.0.1" if address == "localhost" else address)
    except ValueError as error:
        raise LaunchError(f"--bind {address}: this is not an IP address. Use 127.0.0.1, or leave it out.") from error
    if not host.is_loopback:
        raise LaunchError(
            f"--bind {address}: `up` and `demo` serve plain http and bind to this machine's loopback addresses only. "
            "To reach the product from elsewhere put a TLS reverse proxy before it (docker-compose.yml, README)."
        )
    for candidate in [port] if port is not None else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        try:
            return _bound(host, candidate)
        except OSError as error:
            if port is not None:
                raise LaunchError(_why_not(host, port, error)) from error
    raise LaunchError(
        f"No port from {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} is free on {host}. Name another one with --port."
    )


def _bound(host: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if host.version == 6 else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # lets a restart ignore TIME_WAIT
        listener.bind((str(host), port))
        listener.listen(512)  # requests that arrive while web is being replaced
    except OSError:
        listener.close()
        raise
    return listener


def _why_not(host: object, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use. Choose another one with --port, or leave it out for the first free one."
        )
    return f"Port {port} on {host} cannot be opened: {error.strerror}. Choose another one with --port."
