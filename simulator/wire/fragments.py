"""PSRP fragments: cutting messages into 32 KiB pieces and putting them together again (MS-PSRP 2.2.4)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

HEADER = struct.Struct(">QQBI")  # object id, fragment id, start/end flags, length of the piece
START, END = 1, 2

# Windows cuts at 32 KiB, header included, whatever MaxEnvelopeSize the client asked for (recorded: 32,747 + 21).
FRAGMENT_BYTES = 32 * 1024
PIECE_BYTES = FRAGMENT_BYTES - HEADER.size


class MalformedFragment(ValueError):
    """The client sent something that is not a sequence of PSRP fragments."""


class Fragmenter:
    """Numbers the messages of one runspace pool: object ids run on across its pipelines, as on Windows."""

    def __init__(self) -> None:
        self._last_object_id = 0

    def cut(self, message: bytes) -> Iterator[bytes]:
        """Yield the fragments of one message, each ready for one ``rsp:Stream``."""
        self._last_object_id += 1
        count = max(1, -(-len(message) // PIECE_BYTES))
        for number in range(count):
            piece = message[number * PIECE_BYTES : (number + 1) * PIECE_BYTES]
            flags = (START if number == 0 else 0) | (END if number == count - 1 else 0)
            yield HEADER.pack(self._last_object_id, number, flags, len(piece)) + piece


class Defragmenter:
    """Collects what the client sends; a message may be spread over Command and several Sends."""

    def __init__(self) -> None:
        self._open: dict[int, bytearray] = {}

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield each message that ``data`` completes; raises MalformedFragment."""
        offset = 0
        while offset < len(data):
            if len(data) - offset < HEADER.size:
                raise MalformedFragment("a fragment is shorter than its header")
            object_id, _number, flags, length = HEADER.unpack_from(data, offset)
            offset += HEADER.size
            piece = data[offset : offset + length]
            if len(piece) != length:
                raise MalformedFragment(f"fragment of object {object_id} announces {length} bytes, has {len(piece)}")
            offset += length
            if flags & START:
                self._open[object_id] = bytearray()
            collected = self._open.get(object_id)
            if collected is None:
                raise MalformedFragment(f"object {object_id} continues without having started")
            collected += piece
            if flags & END:
                yield bytes(self._open.pop(object_id))
