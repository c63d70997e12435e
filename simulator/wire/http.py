"""HTTP/1.1 as HTTP.sys speaks it: reading a request, writing an answer."""

from __future__ import annotations

import asyncio
import email.utils
from collections.abc import Mapping
from dataclasses import dataclass, field

SOAP = "application/soap+xml;charset=UTF-8"
HTML = "text/html; charset=us-ascii"

# The default MaxEnvelopeSizekb is 500; what is far beyond it is a broken client.
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_HEAD_BYTES = 64 * 1024


class BadRequest(ValueError):
    """What arrived is no HTTP request that HTTP.sys would take."""


@dataclass(frozen=True)
class HttpRequest:
    """One request; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def keep_alive(self) -> bool:
        """Whether the client means to go on using the connection."""
        return self.headers.get("connection", "").lower() != "close"


@dataclass(frozen=True)
class HttpResponse:
    """One answer."""

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=())


async def read_request(reader: asyncio.StreamReader) -> HttpRequest | None:
    """The next request, or None when the client closed the connection; raises BadRequest.

    The first byte is judged at once: a TLS ClientHello has no line end that one could wait for.
    """
    try:
        first = await reader.readexactly(1)
    except asyncio.IncompleteReadError:
        return None
    if not first.isalpha():
        raise BadRequest("the request does not begin with a method")
    try:
        head = first + await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise BadRequest("the request's header is too long") from error
    request_line, *lines = head[:-4].decode("latin-1").split("\r\n")
    try:
        method, path, _version = request_line.split(" ", 2)
    except ValueError as error:
        raise BadRequest(f"no request line: {request_line!r}") from error
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MAX_BODY_BYTES:
        raise BadRequest(f"Content-Length {length!r} is not acceptable")
    body = await reader.readexactly(int(length)) if length != "0" else b""
    return HttpRequest(method, path, headers, body)


def head_of(response: HttpResponse, *, close: bool, now: float) -> bytes:
    """The header of an answer, as HTTP.sys orders it (and with its empty reason phrase)."""
    lines = [f"HTTP/1.1 {response.status} "]
    if response.content_type:
        lines.append(f"Content-Type: {response.content_type}")
    lines.append("Server: Microsoft-HTTPAPI/2.0")
    lines += [f"{name}: {value}" for name, value in response.headers]
    lines.append(f"Date: {email.utils.formatdate(now, usegmt=True)}")
    if close:
        lines.append("Connection: close")
    lines.append(f"Content-Length: {len(response.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def error_page(status: int, title: str, text: str) -> HttpResponse:
    """An error page as HTTP.sys makes it. It is no XML: the doctype lacks a space, META is never closed."""
    body = (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN""http://www.w3.org/TR/html4/strict.dtd">\r\n'
        f"<HTML><HEAD><TITLE>{title}</TITLE>\r\n"
        '<META HTTP-EQUIV="Content-Type" Content="text/html; charset=us-ascii"></HEAD>\r\n'
        f"<BODY><h2>{title}</h2>\r\n<hr><p>HTTP Error {status}. {text}</p>\r\n</BODY></HTML>\r\n"
    )
    return HttpResponse(status, body.encode("ascii"), HTML)


def web_page(status: int, title: str, text: str) -> HttpResponse:
    """A page of some other web server, well-formed: an XML parser swallows it."""
    body = f"<html><head><title>{title}</title></head>\n<body><h1>{title}</h1><p>{text}</p></body></html>\n"
    return HttpResponse(status, body.encode("ascii"), HTML)
