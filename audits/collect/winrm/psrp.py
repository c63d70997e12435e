"""The part of PowerShell remoting (MS-PSRP) that an audit needs: open a pool, run one script, read strings.

What the host sends is read by hand and never deserialised into objects: it is hostile, and an audit needs no objects.
"""

import struct
import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any

from pypsrp.complex_objects import (
    ApartmentState,
    Command,
    CommandParameter,
    HostInfo,
    Pipeline,
    PSCredential,
    PSInvocationState,
    PSThreadOptions,
    RemoteStreamOptions,
    RunspacePoolState,
)
from pypsrp.messages import CreatePipeline, Destination, InitRunspacePool, MessageType, SessionCapability
from pypsrp.powershell import PROTOCOL_VERSION, PS_VERSION, SERIALIZATION_VERSION
from pypsrp.serializer import Serializer

from audits.collect.winrm.errors import AnswerTooLarge, Unintelligible
from audits.collect.winrm.target import Request

# Fits, as base64 inside an envelope, into the least MaxEnvelopeSize a host may have (150 KB on Server 2008 R2).
MAX_FRAGMENT_BYTES = 96 * 1024
# A whole audit of 1,024 VMs is below 1 MiB as it travels; records we ignore (progress, warnings) count too.
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
MAX_TOTAL_BYTES = 16 * 1024 * 1024

_FRAGMENT = struct.Struct(">QQBI")  # object id, fragment id, start and end bits, length (2.2.4)
_MESSAGE = struct.Struct("<II16s16s")  # destination, type, pool, pipeline (2.2.1)
_START, _END = 1, 2
# The probe's one parameter of secrets: PSCredential[].
CREDENTIALS_PARAMETER = "GuestCredentials"
_BOM = b"\xef\xbb\xbf"
_NO_PIPELINE = uuid.UUID(int=0)


class PoolState(IntEnum):
    OPENED = RunspacePoolState.OPENED
    CLOSED = RunspacePoolState.CLOSED
    BROKEN = RunspacePoolState.BROKEN


@dataclass(frozen=True, slots=True)
class Message:
    kind: int  # MessageType
    content: bytes  # CLIXML in UTF-8


class Outgoing:
    """Numbers and cuts the messages of one pool."""

    def __init__(self, pool_id: uuid.UUID) -> None:
        self._pool_id = pool_id
        self._object_id = 0

    def fragments(self, message: Message, pipeline_id: uuid.UUID = _NO_PIPELINE) -> list[bytes]:
        self._object_id += 1
        head = _MESSAGE.pack(Destination.SERVER, message.kind, self._pool_id.bytes_le, pipeline_id.bytes_le)
        data = head + message.content
        pieces = [data[at : at + MAX_FRAGMENT_BYTES] for at in range(0, len(data), MAX_FRAGMENT_BYTES)]
        last = len(pieces) - 1
        return [
            _FRAGMENT.pack(self._object_id, number, (number == 0) * _START | (number == last) * _END, len(piece))
            + piece
            for number, piece in enumerate(pieces)
        ]


class Incoming:
    """Puts fragments together again, within limits."""

    def __init__(self) -> None:
        self._open: dict[int, list[bytes]] = {}
        self._total_bytes = 0

    def messages(self, data: bytes) -> list[Message]:
        """The messages that are complete with this piece of stream. Raises Unintelligible or AnswerTooLarge."""
        self._total_bytes += len(data)
        if self._total_bytes > MAX_TOTAL_BYTES:
            raise AnswerTooLarge(f"more than {MAX_TOTAL_BYTES} bytes were sent; reading was stopped")
        complete = []
        at = 0
        while at < len(data):
            if at + _FRAGMENT.size > len(data):
                raise Unintelligible("a fragment breaks off in its header")
            object_id, number, bits, length = _FRAGMENT.unpack_from(data, at)
            at += _FRAGMENT.size
            if at + length > len(data):
                raise Unintelligible("a fragment breaks off before its announced end")
            message = self._add(object_id, number, bits, data[at : at + length])
            at += length
            if message is not None:
                complete.append(message)
        return complete

    def _add(self, object_id: int, number: int, bits: int, piece: bytes) -> Message | None:
        if bits & _START:
            self._open[object_id] = []
        pieces = self._open.get(object_id)
        if pieces is None or number != len(pieces):
            raise Unintelligible(f"fragment {number} of object {object_id} is out of order")
        pieces.append(piece)
        if sum(map(len, pieces)) > MAX_MESSAGE_BYTES:
            raise AnswerTooLarge(f"one message of more than {MAX_MESSAGE_BYTES} bytes was sent; reading was stopped")
        if not bits & _END:
            return None
        whole = b"".join(self._open.pop(object_id))
        if len(whole) < _MESSAGE.size:
            raise Unintelligible("a message is shorter than its header")
        return Message(kind=_MESSAGE.unpack_from(whole)[1], content=whole[_MESSAGE.size :].removeprefix(_BOM))


# --- what we say: the same for every host, so it is serialised once ------------------------------------------------


@lru_cache(maxsize=1)
def opening() -> tuple[Message, Message]:
    """The two messages that open a pool of one runspace."""
    return (
        serialised(SessionCapability(PROTOCOL_VERSION, PS_VERSION, SERIALIZATION_VERSION)),
        serialised(
            InitRunspacePool(
                1,
                1,
                PSThreadOptions(value=PSThreadOptions.DEFAULT),
                ApartmentState(value=ApartmentState.UNKNOWN),
                HostInfo(host=None),
            )
        ),
    )


# As many as there are settings of days and seconds in a fleet; a script of 100 KB takes 8 ms to serialise.
@lru_cache(maxsize=16)
def pipeline(request: Request) -> Message:
    """The message that runs a request without secrets, or calls its function. Values are never script text."""
    assert not request.credentials, "a request with secrets is sealed for one session, and never kept"
    return serialised(_create_pipeline(request))


def sealed_pipeline(request: Request, serializer: Serializer) -> Message:
    """The message that runs a request with secrets: they travel as SecureStrings, sealed by `serializer`'s cipher."""
    return serialised(_create_pipeline(request), serializer)


def _create_pipeline(request: Request) -> CreatePipeline:
    command = Command(
        request.function or request.script, protocol_version=PROTOCOL_VERSION, is_script=not request.function
    )
    command.args = [CommandParameter(name=name, value=value) for name, value in request.parameters]
    if request.credentials:
        make: Any = PSCredential  # pypsrp has no types here
        sealed = [make(username=each.username, password=each.secret.value) for each in request.credentials]
        command.args.append(CommandParameter(name=CREDENTIALS_PARAMETER, value=sealed))
    return CreatePipeline(
        True,  # no input follows
        ApartmentState(value=ApartmentState.UNKNOWN),
        RemoteStreamOptions(value=0),
        False,  # not into the history
        HostInfo(host=None),
        Pipeline(is_nested=False, cmds=[command], history=None, redirect_err_to_out=False),
        False,
    )


def serialised(message: Any, serializer: Serializer | None = None) -> Message:
    element = (serializer or Serializer()).serialize(message)
    assert element is not None
    return Message(message.MESSAGE_TYPE, ET.tostring(element, encoding="utf-8"))


# --- what we hear ----------------------------------------------------------------------------------------------


def output_of(message: Message) -> str | None:
    """The string that the script wrote; None if it wrote something else."""
    content = message.content
    if content.startswith(b"<S>") and content.endswith(b"</S>"):
        text = content[3:-4]
        if b"<" not in text and b"&" not in text and b"_x" not in text:
            return text.decode("ascii", "replace")  # base64, the rule
    root = parsed(message)
    return root.text if root.tag == "S" else root.findtext("S")


def pool_state_of(message: Message) -> int:
    return _number(parsed(message), "RunspaceState")


def pipeline_state_of(message: Message) -> int:
    return _number(parsed(message), "PipelineState")


def protocol_of(message: Message) -> tuple[int, ...]:
    """The protocol version of a SESSION_CAPABILITY; 2.1 is PowerShell 2.0, 2.2 is 3.0 and 4.0, 2.3 is 5.0 and later."""
    text = parsed(message).findtext("MS/Version[@N='protocolversion']") or ""
    try:
        return tuple(int(part) for part in text.split("."))
    except ValueError as error:
        raise Unintelligible(f"the protocol version {text!r} is none") from error


def error_text_of(message: Message) -> str:
    """What an error record says: its id and its sentence. Empty if the message has none."""
    root = parsed(message)
    sentence = next((found for element in root.iter("ToString") if (found := element.text)), "")
    error_id = next((found for found in _strings(root, "FullyQualifiedErrorId")), "")
    return f"{error_id}: {sentence}" if error_id not in ("", sentence) else sentence


def _strings(root: ET.Element, name: str) -> list[str]:
    return [element.text for element in root.iter("S") if element.get("N") == name and element.text]


def _number(root: ET.Element, name: str) -> int:
    text = root.findtext(f"MS/I32[@N='{name}']") or ""
    try:
        return int(text)
    except ValueError as error:
        raise Unintelligible(f"{name} is {text!r}, which is no number") from error


def parsed(message: Message) -> ET.Element:
    try:
        text = message.content.decode("utf-8")
        if "<!" in text:  # no CLIXML has a comment, CDATA or a document type
            raise Unintelligible("a message contains a markup declaration, which CLIXML never does")
        return ET.fromstring(text)  # noqa: S314 - declarations were refused, the size is bounded
    except (UnicodeDecodeError, ET.ParseError) as error:
        raise Unintelligible(f"a message is no CLIXML: {error}") from error


__all__ = [
    "PROTOCOL_VERSION",
    "Incoming",
    "Message",
    "MessageType",
    "Outgoing",
    "PSInvocationState",
    "PoolState",
    "error_text_of",
    "opening",
    "output_of",
    "parsed",
    "pipeline",
    "pipeline_state_of",
    "pool_state_of",
    "protocol_of",
    "sealed_pipeline",
    "serialised",
]
