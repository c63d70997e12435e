"""Bounds shared by every evidence type: what a host sends is hostile until it fits these."""

from typing import Annotated

from msgspec import Meta, Struct

# A VM name may have 100 characters in Hyper-V Manager; the fixture set of hostile text uses 4 KB. Longer is an attack.
Text = Annotated[str, Meta(max_length=4096)]
# Windows paths: 32,767 characters at most.
Path = Annotated[str, Meta(max_length=32767)]
# GUIDs arrive as text; 38 with braces.
Guid = Annotated[str, Meta(max_length=64)]
# ISO 8601 UTC, as .NET's round-trip format writes it.
Time = Annotated[str, Meta(max_length=40)]
# Bytes and counters: up to the API's "unbounded", 2**64 - 1.
Bytes = Annotated[int, Meta(ge=0)]


class Evidence(Struct, frozen=True, kw_only=True):
    """Base of all evidence. Every field may be absent; absent is None and means: not known."""
