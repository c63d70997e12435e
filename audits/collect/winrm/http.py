"""One connection to one checked address, and POST over it: no redirects, no proxies, no retries, bounded answers."""

import contextlib
import http.client
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

from audits.collect.winrm import tls
from audits.collect.winrm.errors import (
    AnswerTooLarge,
    ConnectionRefused,
    ConnectTimedOut,
    DeadlinePassed,
    NoAnswer,
    NotWinRM,
    SessionLost,
    WrongProtocol,
)
from audits.collect.winrm.target import Secret, Target

# We announce MaxEnvelopeSize 500 KiB; message encryption adds a few hundred bytes. Twice that is no mistake any more.
MAX_BODY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    content_type: str
    authenticate: tuple[str, ...]  # the WWW-Authenticate headers
    body: bytes
    closes: bool  # the host ends the connection after this answer


class Connection:
    """One connection. After `open` its other end is proven (https), and not before."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._headers = _fixed_headers(target)
        self._sock: socket.socket | None = None
        self._has_answered = False
        self._is_killed = False
        self.was_heard = False  # the last request was answered with status 200

    def open(self, addresses: Sequence[str], secret: Secret, answer_seconds: float) -> str:
        """Connect to the first of these literal addresses that answers, and say which.

        Raises the errors of this package, or ssl.SSLCertVerificationError. `kill` knows the socket at every moment that
        can last: a handshake that drips in byte by byte is ended like any other answer.
        """
        seconds = min(self._target.deadlines.connect_seconds, answer_seconds)
        sock = self._sock = _connect(self._target, addresses, seconds)
        sock.settimeout(answer_seconds)
        address: str = sock.getpeername()[0]
        if self._target.scheme == "https":
            wrapped = self._sock = tls.wrap(sock, self._target, secret)
            self._refuse_if_killed()
            tls.prove(wrapped, self._target)
        self._refuse_if_killed()
        return address

    def _refuse_if_killed(self) -> None:
        if self._is_killed:
            raise DeadlinePassed(f"{self._target.endpoint}: the deadline passed while connecting")

    @property
    def leaf(self) -> bytes | None:
        """The DER of the host's certificate; None over http."""
        return tls.leaf_of(self._sock) if isinstance(self._sock, ssl.SSLSocket) else None

    def set_answer_seconds(self, seconds: float) -> None:
        """How long one read or write may wait from now on."""
        if self._sock is not None:
            self._sock.settimeout(seconds)

    def post(self, body: bytes, headers: dict[str, str]) -> Response:
        """Send one request and read its whole answer."""
        head = self._headers + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        message = f"{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body
        assert self._sock is not None, "open the connection first"
        try:
            self.was_heard = False
            self._sock.sendall(message)
            response = http.client.HTTPResponse(self._sock, method="POST")
            try:
                response.begin()
                self._has_answered = True
                self.was_heard = response.status == 200
                return _read(response, self._target)
            finally:
                response.close()
        except TimeoutError as error:
            raise NoAnswer(f"{self._target.endpoint} did not answer") from error
        except http.client.IncompleteRead as error:
            raise SessionLost(f"{self._target.endpoint} broke off in the middle of an answer") from error
        except (OSError, http.client.RemoteDisconnected) as error:
            raise self._cut_off(error) from error
        except (http.client.HTTPException, ValueError) as error:
            if self._target.scheme == "http" and not self._has_answered:
                raise WrongProtocol(
                    f"{self._target.endpoint} was asked in http and answered in something else"
                ) from error
            raise NotWinRM(f"{self._target.endpoint} does not answer in HTTP") from error

    def _cut_off(self, error: Exception) -> WrongProtocol | SessionLost:
        if self._target.scheme == "http" and not self._has_answered:
            # A TLS port hangs up on http without a word. A host that restarts just now would too, but is rarer.
            return WrongProtocol(
                f"{self._target.endpoint} was asked in http and hung up: this looks like an https port"
            )
        return SessionLost(f"{self._target.endpoint} cut the connection: {error or type(error).__name__}")

    def kill(self) -> None:
        """Make whatever waits on this connection fail now. For the watchdog's thread."""
        self._is_killed = True
        if self._sock is not None:
            with contextlib.suppress(OSError):  # it is closed already
                socket.socket.shutdown(self._sock, socket.SHUT_RDWR)  # not SSLSocket's own, which drops its TLS state

    def close(self) -> None:
        if self._sock is not None:
            self._sock.close()


def _connect(target: Target, addresses: Sequence[str], seconds: float) -> socket.socket:
    """A TCP connection to the first address that answers. They are literals: nothing is resolved here."""
    failures: list[OSError] = []
    for address in addresses:
        try:
            sock = socket.create_connection((address, target.port), timeout=seconds)
        except OSError as error:
            failures.append(error)
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
    place = f"{' and '.join(addresses)}, port {target.port}"
    for failure in failures:
        if isinstance(failure, ConnectionRefusedError):
            raise ConnectionRefused(f"connecting to {place}: nothing listens there") from failure
    reason = failures[0].strerror or f"no answer within {seconds:g} s"
    raise ConnectTimedOut(f"connecting to {place}: {reason}") from failures[0]


def _fixed_headers(target: Target) -> str:
    host = target.endpoint.split("/")[2].encode("idna" if target.name.isascii() is False else "ascii").decode()
    return (
        f"POST /wsman HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Fleet Audit\r\n"
        "Accept-Encoding: identity\r\nConnection: Keep-Alive\r\n"
    )


def _read(response: http.client.HTTPResponse, target: Target) -> Response:
    too_large = f"{target.endpoint} sent an answer of more than {MAX_BODY_BYTES} bytes"
    if response.length is None:  # chunked, or until the connection closes
        body = response.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise AnswerTooLarge(too_large)
    else:
        if response.length > MAX_BODY_BYTES:
            raise AnswerTooLarge(too_large)
        body = response.read()
    return Response(
        status=response.status,
        content_type=response.headers.get("Content-Type", ""),
        authenticate=tuple(response.headers.get_all("WWW-Authenticate", ())),
        body=body,
        closes=bool(response.will_close),
    )
