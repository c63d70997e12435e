"""Message encryption over http: SOAP sealed by the sign-in context, in multipart/encrypted (MS-WSMV 2.2.9.1)."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spnego import ContextProxy

BOUNDARY = b"--Encrypted Boundary"
SPNEGO_PROTOCOL = "application/HTTP-SPNEGO-session-encrypted"
CONTENT_TYPE = f'multipart/encrypted;protocol="{SPNEGO_PROTOCOL}";boundary="Encrypted Boundary"'

_OCTETS = b"\tContent-Type: application/octet-stream\r\n"
_LENGTH = re.compile(rb"Length=(\d+)")


class NotDecipherable(ValueError):
    """The body was not sealed for this connection's context."""


def open_sealed(context: ContextProxy, body: bytes) -> bytes:
    """The SOAP message inside an encrypted request; raises NotDecipherable."""
    head, found, rest = body.partition(_OCTETS)
    announced = _LENGTH.search(head)
    if not found or announced is None or len(rest) < 4:
        raise NotDecipherable("the body is no multipart/encrypted message")
    rest = rest.removesuffix(BOUNDARY + b"--\r\n")
    (signature_length,) = struct.unpack_from("<i", rest)
    signature, sealed = rest[4 : 4 + signature_length], rest[4 + signature_length :]
    try:
        message = context.unwrap_winrm(signature, sealed)
    except Exception as error:
        raise NotDecipherable(f"the signature does not match this connection: {error}") from error
    if len(message) != int(announced.group(1)):
        raise NotDecipherable(f"{announced.group(1).decode()} bytes were announced, {len(message)} came")
    return message


def seal(context: ContextProxy, message: bytes) -> bytes:
    """The body of an encrypted answer."""
    header, sealed, padding_length = context.wrap_winrm(message)
    return b"".join(
        (
            BOUNDARY,
            f"\r\n\tContent-Type: {SPNEGO_PROTOCOL}\r\n".encode(),
            b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=",
            str(len(message) + padding_length).encode(),
            b"\r\n",
            BOUNDARY,
            b"\r\n",
            _OCTETS,
            struct.pack("<i", len(header)),
            header,
            sealed,
            BOUNDARY,
            b"--\r\n",
        )
    )
