"""Planted secrets, and every dress in which one could leave: as it is, or as our own formats would write it."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

PASSWORD = "Kanarienvogel/7f3a+9c21&Zitrone"
GUEST_PASSWORD = "Gastkanarie/5b1d+44e7&Limette"


def dresses(secret: bytes) -> Iterator[bytes]:
    """The secret raw, in hex (bytea), in URLs, in UTF-16 (NTLM, PowerShell) and in base64 at any offset (Celery)."""
    for plain in {secret, _as_utf_16(secret)}:
        yield plain
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
        yield quote(plain, safe="").encode()
        for offset in range(3):
            # The first and last characters also depend on the neighbours, so only what lies between is certain.
            yield base64.b64encode(b"\0" * offset + plain)[4 if offset else 0 : -4]


def vault_keys(file: Path) -> list[bytes]:
    """The keys of a vault's key file, as they are and as they are written there."""
    written = [key.encode() for key in json.loads(file.read_text())["keys"].values()]
    return written + [base64.b64decode(key) for key in written]


def found_in(haystacks: dict[str, bytes], secrets: list[bytes]) -> list[str]:
    """The names of the haystacks that hold a secret in any dress."""
    needles = {dress for secret in secrets for dress in dresses(secret)}
    return sorted(name for name, content in haystacks.items() if any(needle in content for needle in needles))


def _as_utf_16(secret: bytes) -> bytes:
    return b"".join(bytes((byte, 0)) for byte in secret)
