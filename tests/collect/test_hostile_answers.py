"""A hostile machine at the right address, with the right certificate: whatever it answers ends in a cause, in time."""

import dataclasses
import socket
from collections.abc import Callable, Iterator

import pytest

from audits.collect.winrm import Deadlines, Target
from simulator.fleet import SimulatedFleet
from tests.collect.recorder import NAME, http, identity, recording
from tests.collect.simulated import NETWORK, PATIENT, audit, target_of

HERE = f"{NETWORK}.250"
SERVED, MINE = identity(), identity("auditor")
IMPATIENT = Deadlines(soft_seconds=3, hard_seconds=2, answer_seconds=0.7, poll_seconds=1, cleanup_seconds=0.5)

Answer = Callable[[bytes], Iterator[bytes]]


def once(answer: bytes) -> Answer:
    def give(request: bytes) -> Iterator[bytes]:
        yield answer

    return give


def for_ever(first: bytes, then: bytes) -> Answer:
    def give(request: bytes) -> Iterator[bytes]:
        yield first
        while True:
            yield then

    return give


def soap(body: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{body}</s:Body></s:Envelope>'.encode()
    )


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + soap("&b;")
FAULT = """<s:Fault><s:Reason><s:Text>ignored</s:Text></s:Reason><s:Detail><f:WSManFault Code="5"
    xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"><f:Message>&lt;script&gt;&#x202e;{{7*7}}
    </f:Message></f:WSManFault></s:Detail></s:Fault>"""
SEALED = "Content-Type: multipart/encrypted;protocol=application/HTTP-SPNEGO-session-encrypted"
HEADERS = [f"X-Header-{number}: x" for number in range(200)]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (once(http(LAUGHS)), "failed/unintelligible_answer"),
        (once(http(LAUGHS, status="500 Internal Server Error")), "failed/unintelligible_answer"),
        (once(http(LAUGHS.decode().encode("utf-16"))), "failed/unintelligible_answer"),
        (once(http(b"\xff\xfe\x00")), "failed/unintelligible_answer"),
        (once(http(b"")), "failed/unintelligible_answer"),
        (once(http(soap("<a>"))), "failed/unintelligible_answer"),
        (once(http(soap("<a>" * 50_000 + "</a>" * 50_000))), "unreachable/not_winrm"),
        (once(http(soap(FAULT), status="500 Internal Server Error")), "denied/access_denied"),
        (once(http(b"", status="500 Internal Server Error")), "unreachable/not_winrm"),
        (once(http(b"", status="204 No Content")), "unreachable/not_winrm"),
        (once(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"), "failed/answer_too_large"),
        (once(b"HTTP/1.1 200 OK\r\nContent-Length: none\r\n\r\nx"), "timed_out/no_answer"),
        (for_ever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n"),
         "failed/answer_too_large"),
        (for_ever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 4096), "failed/answer_too_large"),
        (once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "failed/session_lost"),
        (for_ever(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 4096), "unreachable/not_winrm"),
        (once(http(b"", *HEADERS)), "unreachable/not_winrm"),
        (once(b"SSH-2.0-OpenSSH_9.2\r\n"), "unreachable/not_winrm"),
        (for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "timed_out/deadline_passed"),
        (once(b"HTTP/1.1 200 OK\r\n" + SEALED.encode() + b"\r\nContent-Length: 4\r\n\r\nseal"),
         "failed/unintelligible_answer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_hostile_answer_has_a_cause(answer: Answer, expected: str) -> None:
    with recording(HERE, SERVED, answer) as recorder:
        target = Target(
            address=HERE,
            name=NAME,
            port=recorder.port,
            auth="certificate",
            certificate_sha256=SERVED.sha256,
            deadlines=IMPATIENT if expected.startswith("timed_out") else PATIENT,
        )
        ending = audit(target, password=MINE.certificate_pem + MINE.key_pem).ending
    assert f"{ending.outcome}/{ending.code}" == expected
    assert ending.detail.isprintable()
    assert recorder.heard, "it must have come to the answer"


@pytest.mark.parametrize("kind", ["application/soap+xml;charset=UTF-8", "text/plain", ""])
@pytest.mark.parametrize("status", ["200 OK", "500 Internal Server Error"])
def test_who_sits_in_the_middle_cannot_answer_in_clear(fleet: SimulatedFleet, kind: str, status: str) -> None:
    """Over http the other end is known by the session key alone: an answer not encrypted under it is nobody's."""
    honest = target_of(fleet, "HV02")
    clear = http(soap(FAULT), status=status).replace(b"application/soap+xml;charset=UTF-8", kind.encode())

    with socket.create_connection((honest.address, honest.port)) as upstream:

        def forge(request: bytes) -> Iterator[bytes]:
            upstream.sendall(request)
            answer = upstream.recv(1 << 20)
            yield clear if b"multipart/encrypted" in request else answer

        with recording(HERE, None, forge) as middle:
            ending = audit(dataclasses.replace(honest, address=HERE, port=middle.port)).ending
    assert ending.code == "unintelligible_answer"
    assert "in clear" in ending.detail
