"""A server that writes down what it is told and answers what it was given: no WinRM, only the bytes."""

import datetime
import ipaddress
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAME = "hv01.example"


@dataclass(frozen=True)
class Identity:
    """A self-signed certificate and its key."""

    certificate_pem: str
    key_pem: str

    @property
    def sha256(self) -> str:
        return x509.load_pem_x509_certificate(self.certificate_pem.encode()).fingerprint(hashes.SHA256()).hex()


def identity(name: str = NAME, *, days_from: int = -1, days_to: int = 30) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.250"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=days_from))
        .not_valid_after(now + datetime.timedelta(days=days_to))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    key_format, unencrypted = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return Identity(
        certificate.public_bytes(encoding).decode(), key.private_bytes(encoding, key_format, unencrypted).decode()
    )


@dataclass
class Recorder:
    """`heard` is what every connection sent, after TLS where there is TLS."""

    address: str
    port: int
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def authorizations(self) -> list[bytes]:
        lines = [line for heard in self.heard for line in heard.split(b"\r\n")]
        return [line for line in lines if line.lower().startswith(b"authorization:")]


@contextmanager
def recording(
    address: str,
    served: Identity | None,
    answer: Callable[[bytes], Iterator[bytes]],
    port: int = 0,
) -> Iterator[Recorder]:
    """Serve one address until the block ends. `answer` gets each request and yields the pieces of its answer."""
    listener = socket.create_server((address, port))
    recorder = Recorder(address, listener.getsockname()[1])
    context = _context(served) if served else None
    live: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            recorder.connections += 1
            with suppress(OSError), accepted:
                talk(context.wrap_socket(accepted, server_side=True) if context else accepted)

    def talk(connection: socket.socket) -> None:
        with connection:
            live.append(connection)
            while request := connection.recv(1 << 20):
                while b"\r\n\r\n" not in request or len(request) < _length(request):
                    request += connection.recv(1 << 20)
                recorder.heard.append(request)
                for piece in answer(request):
                    connection.sendall(piece)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in live:
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        thread.join(10)


def _length(request: bytes) -> int:
    head, _, _ = request.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    return len(head) + 4 + int(lengths[0] if lengths else 0)


def _context(served: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(served.certificate_pem + served.key_pem)
        file.flush()
        context.load_cert_chain(Path(file.name))
    return context


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/soap+xml;charset=UTF-8", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
