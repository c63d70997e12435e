"""Who is at the other end: the certificate is checked against a pin or a CA before anything else is said."""

import contextlib
import hashlib
import hmac
import os
import socket
import ssl
from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from audits.collect.winrm.errors import (
    CertificateChanged,
    Misconfigured,
    NoAnswer,
    TlsRefused,
    WrongProtocol,
)
from audits.collect.winrm.target import Secret, Target

# OpenSSL's word for "this is no TLS record": the port answered in http.
_NOT_TLS = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"}


def wrap(sock: socket.socket, target: Target, secret: Secret) -> ssl.SSLSocket:
    """Lay TLS over a connection without saying anything yet. Raises Misconfigured."""
    context = _context(target, secret)
    try:
        return context.wrap_socket(sock, server_hostname=target.name, do_handshake_on_connect=False)
    except ValueError as error:
        raise Misconfigured(f"{target.name!r} is no name that a certificate can be checked for") from error


def prove(wrapped: ssl.SSLSocket, target: Target) -> None:
    """Shake hands and make sure who is at the other end. Nothing but the handshake has been sent when this raises.

    With a pin the leaf's SHA-256 decides (CertificateChanged), without one its chain, name and validity
    (ssl.SSLCertVerificationError).
    """
    try:
        wrapped.do_handshake()
    except ssl.SSLCertVerificationError:
        raise
    except TimeoutError as error:
        raise NoAnswer(f"{target.endpoint} took the connection and did not answer the TLS handshake") from error
    except ssl.SSLError as error:
        if error.reason in _NOT_TLS:
            raise WrongProtocol(f"{target.endpoint} was asked for TLS and answered in another protocol") from error
        raise TlsRefused(f"{target.endpoint} ended the TLS handshake: {error.reason or error}") from error
    except OSError as error:
        raise TlsRefused(f"{target.endpoint} cut the TLS handshake off: {error}") from error
    if target.certificate_sha256:
        _check_pin(wrapped, target)


def _check_pin(wrapped: ssl.SSLSocket, target: Target) -> None:
    presented = hashlib.sha256(leaf_of(wrapped)).hexdigest()
    if not hmac.compare_digest(presented, target.certificate_sha256.lower()):
        raise CertificateChanged(f"{target.endpoint} presented {presented}; pinned is {target.certificate_sha256}")


def leaf_of(wrapped: ssl.SSLSocket) -> bytes:
    """The DER of the certificate that the host proved to own."""
    leaf = wrapped.getpeercert(binary_form=True)
    if leaf is None:
        raise TlsRefused("the host presented no certificate")
    return leaf


def _context(target: Target, secret: Secret) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks chain and name unless told otherwise
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if target.certificate_sha256:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the pin decides, see _check_pin
    elif target.ca_pem:
        try:
            context.load_verify_locations(cadata=target.ca_pem)
        except ssl.SSLError as error:
            raise Misconfigured(f"the CA entered for {target.name} is no certificate in PEM: {error}") from error
    else:
        context.set_default_verify_paths()
    if target.auth == "certificate":
        # HTTP.sys asks for the client's certificate after the handshake, which WinRM cannot do in TLS 1.3.
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with _as_file(secret.value) as path:
            try:
                context.load_cert_chain(path)
            except (ssl.SSLError, OSError) as error:
                raise Misconfigured("the credential is no PEM of a client certificate and its key") from error
    return context


@contextlib.contextmanager
def _as_file(pem: str) -> Iterator[str]:
    """A path to the text that lives in memory only: OpenSSL's Python face reads client keys from files alone."""
    descriptor = os.memfd_create("client-certificate")
    try:
        os.write(descriptor, pem.encode())
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def channel_binding(leaf: bytes) -> bytes:
    """The `tls-server-end-point` binding of RFC 5929: ties the sign-in to this certificate, as strict EPA demands."""
    try:
        algorithm = x509.load_der_x509_certificate(leaf).signature_hash_algorithm
    except (UnsupportedAlgorithm, ValueError):
        algorithm = None
    name = algorithm.name if algorithm and algorithm.name not in ("md5", "sha1") else "sha256"
    return b"tls-server-end-point:" + hashlib.new(name, leaf).digest()
