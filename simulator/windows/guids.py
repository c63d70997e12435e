"""GUIDs that are the same on every start: derived from names, never drawn."""

import uuid

NAMESPACE = uuid.UUID("5f0c1c2e-9f0a-4f8e-8a53-6b1f2f6f7a10")  # ours alone; any fixed value would do


def guid(*parts: object) -> str:
    """The lower-case GUID that belongs to these names."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(str(part) for part in parts)))


def volume_id(*parts: object) -> str:
    r"""A volume's device id as Win32_Volume writes it, \\?\Volume{guid}\."""
    return f"\\\\?\\Volume{{{guid('volume', *parts)}}}\\"
