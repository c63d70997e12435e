"""One listening host: accepts connections and takes each through TLS, HTTP, sign-in, decryption and WS-Man."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import socket
import ssl
import struct
from dataclasses import dataclass, field

from simulator.faults import (
    BlackHole,
    CaptivePortal,
    ConnectionClose,
    Down,
    Drip,
    DropsConnections,
    GarbageXml,
    NotWinrm,
    OffersOnlyBasic,
    OffersOnlyKerberos,
    RejectCredential,
    SpeaksHttp,
    SpeaksHttps,
    TruncatedBody,
    WrongRelatesTo,
)
from simulator.hosts import SimulatedHost
from simulator.wire import encryption, soap
from simulator.wire.full_queue import fill_queue
from simulator.wire.http import (
    MAX_HEAD_BYTES,
    SOAP,
    BadRequest,
    HttpRequest,
    HttpResponse,
    error_page,
    head_of,
    read_request,
    web_page,
)
from simulator.wire.interruptions import ConnectionBroken, NeverAnswered
from simulator.wire.sign_in import CERTIFICATE_PROFILE, Handshake
from simulator.wire.wsman import WsmanService

log = logging.getLogger(__name__)

# HTTP.sys closes a connection on which nothing happened for two minutes.
IDLE_CONNECTION_SECONDS = 120
TLS_HANDSHAKE_SECONDS = 30
TLS_SHUTDOWN_SECONDS = 2  # for the client's close_notify, which few clients send
BACKLOG = 200

_ENDS_A_CONNECTION = (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, TimeoutError, OSError)


class HostServer:
    """Listens for one host, unless a fault says that nothing does."""

    def __init__(self, host: SimulatedHost) -> None:
        self._host = host
        self._listener: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._queue: list[socket.socket] = []
        self._connections: set[asyncio.Task[None]] = set()

    def follow_faults(self) -> None:
        """Open or close the port, as the host's faults say now; raises OSError if the port is taken."""
        swallows = DropsConnections in self._host.faults
        if Down in self._host.faults or swallows != bool(self._queue):
            self._stop_listening()
        if self._listener is None and Down not in self._host.faults:
            self._listen(swallows=swallows)

    def _listen(self, *, swallows: bool) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        try:
            listener.bind((self._host.definition.address, max(self._host.port, 0)))
            listener.listen(0 if swallows else BACKLOG)
        except OSError:
            listener.close()
            raise
        self._host.port = listener.getsockname()[1]
        self._listener = listener
        if swallows:
            self._queue = fill_queue(listener)
            return
        self._accepting = asyncio.get_running_loop().create_task(self._accept(listener))

    def _stop_listening(self) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
            self._accepting = None
        for waiting in self._queue:
            waiting.close()
        self._queue = []
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        self._stop_listening()
        self.drop_connections()
        if self._connections:
            await asyncio.wait(self._connections)

    def drop_connections(self) -> None:
        """Drop every open connection, as a reboot does."""
        for task in self._connections:
            task.cancel()

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            accepted, peer = await loop.sock_accept(listener)
            self._host.counters.connections += 1
            task = loop.create_task(self._serve(accepted, peer[0]))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

    async def _serve(self, accepted: socket.socket, peer: str) -> None:
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if BlackHole in self._host.faults:
            await _stay_silent(accepted)
            return
        faults = self._host.faults
        tls = SpeaksHttps in faults if self._host.definition.scheme == "http" else SpeaksHttp not in faults
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=MAX_HEAD_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        context, served = self._host.tls() if tls else (None, None)
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol,
                accepted,
                ssl=context,
                ssl_handshake_timeout=TLS_HANDSHAKE_SECONDS if tls else None,
                ssl_shutdown_timeout=TLS_SHUTDOWN_SECONDS if tls else None,
            )
        except _ENDS_A_CONNECTION as error:
            self._host.counters.tls_failures += 1
            log.debug("%s: no TLS with %s: %s", self._host.definition.name, peer, error)
            accepted.close()
            return
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        handshake = Handshake(
            self._host.accounts, served.der if served else b"", self._host.definition.checks_channel_binding
        )
        connection = Connection(self._host, reader, writer, handshake, peer, is_tls=tls)
        try:
            await connection.serve()
            writer.close()
        except ConnectionBroken as broken:
            _cut(transport, reset=broken.how == "rst")
        except _ENDS_A_CONNECTION as error:
            log.debug("%s: the connection with %s ended: %s", self._host.definition.name, peer, error)
            transport.abort()
        except asyncio.CancelledError:
            transport.abort()
            raise
        with contextlib.suppress(*_ENDS_A_CONNECTION):
            await writer.wait_closed()


@dataclass
class Connection:
    """One connection, with the user that HTTP.sys remembers for it."""

    host: SimulatedHost
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    handshake: Handshake
    peer: str
    is_tls: bool
    user: str = ""
    service: WsmanService = field(init=False)

    def __post_init__(self) -> None:
        self.service = WsmanService(self.host)

    async def serve(self) -> None:
        """Answer requests until either side has had enough."""
        while True:
            try:
                async with asyncio.timeout(IDLE_CONNECTION_SECONDS):
                    request = await read_request(self.reader)
            except BadRequest as error:
                page = error_page(400, "Bad Request", str(error))
                await self._write(page, close=True)
                return
            if request is None:
                return
            self.host.counters.requests += 1
            try:
                response = await self._answer(request)
            except NeverAnswered:
                await self.reader.read()  # until the client closes
                return
            close = not request.keep_alive or (ConnectionClose in self.host.faults and response.status != 401)
            await self._write(response, close=close)
            if close:
                return

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        faults = self.host.faults
        authorization = request.headers.get("authorization", "")
        if authorization:
            self.host.counters.authorization_headers += 1
        if not_winrm := faults.get(NotWinrm):
            title = {404: "Not Found", 503: "Service Unavailable"}.get(not_winrm.status, "Error")
            page = web_page if not_winrm.well_formed else error_page
            return page(not_winrm.status, title, "The requested resource is not available.")
        if CaptivePortal in faults:
            return web_page(200, "Welcome", "Please sign in to use this network.")
        path = request.path.partition("?")[0].rstrip("/").lower()
        if path not in {"/wsman", "/wsman-anon/identify"}:
            return error_page(404, "Not Found", "The requested resource is not found.")
        if request.method != "POST":
            return HttpResponse(405, headers=(("Allow", "POST"),))
        if request.headers.get("wsmanidentify", "").lower() == "unauthenticated" and b"Identify" in request.body:
            return HttpResponse(200, soap.identity(version="0.0.0"), SOAP)
        return await self._answer_after_sign_in(request, authorization)

    async def _answer_after_sign_in(self, request: HttpRequest, authorization: str) -> HttpResponse:
        token_headers: tuple[tuple[str, str], ...] = ()
        if authorization:
            refusal = self._sign_in(authorization)
            if isinstance(refusal, HttpResponse):
                return refusal
            token_headers = refusal
        if not self.user:
            return self._challenge()
        if not request.body:  # how clients establish the context before they encrypt
            return HttpResponse(200, headers=token_headers)
        response = await self._wsman(request)
        return HttpResponse(response.status, response.body, response.content_type, token_headers)

    def _sign_in(self, authorization: str) -> HttpResponse | tuple[tuple[str, str], ...]:
        """Take one leg: an answer that ends it here, or the headers that go with the real answer."""
        scheme, _, credentials = authorization.partition(" ")
        if authorization.strip() == CERTIFICATE_PROFILE:
            self.user = self._certificate_user()
            return () if self.user else self._challenge()
        self.user = ""
        if scheme.lower() not in self._offered():
            return self._challenge()
        outcome = self.handshake.step(scheme, credentials.strip(), reject=RejectCredential in self.host.faults)
        self.host.counters.sign_in_attempts += outcome.is_attempt
        if outcome.user:
            self.user = self.host.accounts.principal(outcome.user)
            if not outcome.token:
                return ()
            return (("WWW-Authenticate", f"{outcome.scheme} {base64.b64encode(outcome.token).decode()}"),)
        if outcome.token:
            return HttpResponse(
                401,
                headers=(("WWW-Authenticate", f"{outcome.scheme} {base64.b64encode(outcome.token).decode()}"),),
            )
        self.host.counters.sign_ins_rejected += outcome.is_attempt
        return self._challenge()

    def _offered(self) -> tuple[str, ...]:
        if OffersOnlyKerberos in self.host.faults:
            return ("kerberos",)
        if OffersOnlyBasic in self.host.faults:
            return ("basic",)
        return ("negotiate", "basic") if self.host.definition.allows_basic else ("negotiate",)

    def _challenge(self) -> HttpResponse:
        words = {"negotiate": "Negotiate", "kerberos": "Kerberos", "basic": 'Basic realm="WSMAN"'}
        return HttpResponse(401, headers=tuple(("WWW-Authenticate", words[scheme]) for scheme in self._offered()))

    def _certificate_user(self) -> str:
        tls = self.writer.get_extra_info("ssl_object")
        shown = tls.getpeercert(binary_form=True) if tls is not None else None
        if not shown:
            return ""
        mapping = self.host.definition.client_certificates
        user = next((user for pem, user in mapping.items() if ssl.PEM_cert_to_DER_cert(pem) == shown), "")
        return user and self.host.accounts.principal(user)

    async def _wsman(self, request: HttpRequest) -> HttpResponse:
        context = self.handshake.context
        sealed = request.headers.get("content-type", "").startswith("multipart/encrypted")
        if not sealed and not self.is_tls:
            return HttpResponse(500)  # AllowUnencrypted is false: HTTP 500 without a body, as recorded
        message = request.body
        if sealed:
            try:
                if context is None:
                    raise encryption.NotDecipherable("the user signed in by a method without encryption")
                message = encryption.open_sealed(context, message)
            except encryption.NotDecipherable as error:
                log.info("%s: %s", self.host.definition.name, error)
                return HttpResponse(400)
        try:
            status, envelope = await self.service.answer(message, self.user, self.peer)
        except soap.NotSoap as error:
            log.info("%s: %s", self.host.definition.name, error)
            return HttpResponse(400)
        if GarbageXml in self.host.faults:
            status, envelope = 200, b"\x00\xff<<garbage" + bytes(range(64))
        if WrongRelatesTo in self.host.faults:
            envelope = soap.RELATES_TO.sub(b"<a:RelatesTo>uuid:" + soap.new_id().encode() + b"</a:RelatesTo>", envelope)
        if sealed and context is not None:
            return HttpResponse(status, encryption.seal(context, envelope), encryption.CONTENT_TYPE)
        return HttpResponse(status, envelope, SOAP)

    async def _write(self, response: HttpResponse, *, close: bool) -> None:
        head = head_of(response, close=close, now=self.host.wall_clock())
        body = response.body
        if TruncatedBody in self.host.faults and body and self.user:
            self.writer.write(head + body[: len(body) // 2])
            await self.writer.drain()
            raise ConnectionBroken("fin")
        if (drip := self.host.faults.get(Drip)) and self.user:
            self.writer.write(head)
            for at in range(0, len(body), max(1, drip.bytes_per_second // 10)):
                self.writer.write(body[at : at + max(1, drip.bytes_per_second // 10)])
                await self.writer.drain()
                await asyncio.sleep(0.1)
            return
        self.writer.write(head + body)
        await self.writer.drain()


def _cut(transport: asyncio.Transport, *, reset: bool) -> None:
    """End a connection at once; with a linger of zero the kernel sends RST instead of FIN."""
    if reset:
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()


async def _stay_silent(accepted: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    accepted.setblocking(False)
    with accepted, contextlib.suppress(OSError):
        while await loop.sock_recv(accepted, 65536):
            pass
