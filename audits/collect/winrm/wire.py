"""WS-Management messages out and in: pypsrp's transport, on connections that are checked, signed in and bounded."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from pypsrp.encryption import WinRMEncryption
from pypsrp.exceptions import WinRMTransportError

from audits.collect.winrm.errors import DeadlinePassed, NotWinRM, SessionLost, Unintelligible
from audits.collect.winrm.http import Connection, Response
from audits.collect.winrm.sign_in import SignedIn, sign_in
from audits.collect.winrm.target import Secret, Target

# A SOAP message never needs a DTD, and a DTD is how XML grows without bound or reads files.
_DTD = ("<!DOCTYPE", "<!ENTITY")
_BOUNDARY = "Encrypted Boundary"


class Wire:
    """Sends one message at a time. Used by one thread; only `kill` may be called from another.

    There is one connection at a time. Its encryption lives and dies with it, so a connection that broke spoils nothing:
    the next message opens another one to the same address, with the same checks.
    """

    def __init__(self, target: Target, secret: Secret, guard: Callable[[str], Sequence[str]]) -> None:
        self.endpoint = target.endpoint  # what pypsrp writes into every message's To header
        self.is_killed = False
        self.was_heard = False  # the host took a message in: whatever it started may still be there
        self._target = target
        self._secret = secret
        self._guard = guard
        self._addresses: Sequence[str] = ()
        self._answer_seconds = target.deadlines.answer_seconds
        self._connection: Connection | None = None
        self._signed_in: SignedIn | None = None
        self._lock = threading.Lock()  # between `kill` and the change of connection

    def send(self, message: bytes, **_: Any) -> str:
        """The answer's envelope. pypsrp's own timeouts and retries are ignored: nothing here is sent twice.

        Raises WinRMTransportError with the fault's envelope, which pypsrp turns into WSManFaultError, or an error of
        this package. A broken connection is closed before the error leaves.
        """
        try:
            response = self._exchange(message)
        except BaseException:
            self.was_heard = self.was_heard or bool(self._connection and self._connection.was_heard)
            self._drop()
            raise
        self.was_heard = True
        sealed_by = self._signed_in.encryption if self._signed_in else None
        if response.closes:
            self._drop()
        return self._envelope(response, sealed_by)

    def _exchange(self, message: bytes) -> Response:
        if self._connection is None or self._signed_in is None:
            connection = self._connect()
            self._signed_in = sign_in(connection, self._target, self._secret, message)
            if self._signed_in.response is not None:
                return self._signed_in.response
        assert self._connection is not None
        body, headers = message, self._signed_in.headers
        if self._signed_in.encryption is not None:
            kind, body = self._signed_in.encryption.wrap_message(message)
            protocol = self._signed_in.encryption.protocol
            headers = {"Content-Type": f'{kind};protocol="{protocol}";boundary="{_BOUNDARY}"'}
        response = self._connection.post(body, headers)
        if response.status == 401:
            raise SessionLost(f"{self.endpoint} forgot the sign-in in the middle of the session")
        return response

    def _connect(self) -> Connection:
        if not self._addresses:
            self._addresses = self._guard(self._target.address)
        connection = Connection(self._target)
        with self._lock:
            if self.is_killed:
                raise DeadlinePassed(f"{self.endpoint}: the deadline passed before connecting")
            self._connection = connection
        self._addresses = (connection.open(self._addresses, self._secret, self._answer_seconds),)
        return connection

    def _envelope(self, response: Response, sealed_by: WinRMEncryption | None) -> str:
        body = response.body
        if response.content_type.startswith(("multipart/encrypted", "multipart/x-multi-encrypted")):
            body = self._unseal(body, sealed_by)
        elif sealed_by is not None and (response.status == 200 or b"Envelope" in body):
            raise Unintelligible(f"{self.endpoint} answered in clear where every message must be encrypted")
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Unintelligible(f"{self.endpoint} answered with bytes that are no UTF-8") from error
        if "Envelope" not in text[:1000]:
            if response.status != 200:
                raise NotWinRM(f"{self.endpoint} answered with HTTP status {response.status} and no SOAP message")
            if "html" in f"{response.content_type}{text[:500]}".lower():
                raise NotWinRM(f"{self.endpoint} answered with a web page")
        if any(mark in text for mark in _DTD):
            raise Unintelligible(f"{self.endpoint} answered with a document type definition, which SOAP forbids")
        if response.status != 200:
            raise WinRMTransportError("http", response.status, text)
        return text

    def _unseal(self, body: bytes, sealed_by: WinRMEncryption | None) -> bytes:
        if sealed_by is None:
            raise Unintelligible(f"{self.endpoint} sent an encrypted answer where none was agreed")
        try:
            return bytes(sealed_by.unwrap_message(body, _BOUNDARY))
        except Exception as error:
            raise Unintelligible(f"{self.endpoint} sent an answer that cannot be decrypted") from error

    def begin_cleanup(self) -> None:
        """Give cleaning up its own, shorter patience, and a connection if the old one was killed."""
        self._answer_seconds = self._target.deadlines.cleanup_seconds
        with self._lock:
            was_killed, self.is_killed = self.is_killed, False
        if was_killed:
            self._drop()
        elif self._connection is not None:
            self._connection.set_answer_seconds(self._answer_seconds)

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    def kill(self) -> None:
        """End whatever waits on the connection, and let no other begin. For the watchdog's thread."""
        with self._lock:
            self.is_killed = True
            if self._connection is not None:
                self._connection.kill()

    def _drop(self) -> None:
        with self._lock:
            connection, self._connection, self._signed_in = self._connection, None, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        self._drop()
