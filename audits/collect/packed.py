"""Text as the probe packs it, base64 of gzip of JSON, unpacked within limits: until then it is hostile."""

import binascii
import re
import zlib
from base64 import b64decode

GZIP = zlib.MAX_WBITS | 16  # zlib's way of saying: gzip container only

# \u0000 is valid JSON and valid nowhere after it: PostgreSQL refuses it in text and jsonb. An even number of
# backslashes before it means it is the escape, not a path that happens to contain "\u0000".
_ESCAPED_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_REPLACEMENT = rb"\1\\ufffd"


class Unpackable(Exception):
    """The text is not what the probe packs; says in what way."""


class TooLarge(Unpackable):
    """The text, or what it unpacks to, exceeds its limit."""


def unpack(text: str, *, max_characters: int, max_bytes: int) -> bytes:
    """The JSON document. Never holds more than `max_bytes` of it. Raises TooLarge or Unpackable and nothing else."""
    if len(text) > max_characters:
        raise TooLarge(f"{len(text)} characters of base64 were sent, {max_characters} are the limit")
    try:
        packed = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unpackable(f"the answer is not base64: {error}") from error
    inflater = zlib.decompressobj(GZIP)
    try:
        document = inflater.decompress(packed, max_bytes)
        overflow = inflater.unconsumed_tail and inflater.decompress(inflater.unconsumed_tail, 1)
    except zlib.error as error:
        raise Unpackable(f"the answer is not gzip: {error}") from error
    if overflow:
        raise TooLarge(f"the answer unpacks to more than {max_bytes} bytes")
    if not inflater.eof:
        raise Unpackable("the answer breaks off: the gzip stream has no end")
    return _ESCAPED_NUL.sub(_REPLACEMENT, document) if b"\\u0000" in document else document
