"""Text from outside as one line that can be logged and shown."""

import unicodedata

# One line on a page and in a log; long enough for a fault's sentence, short enough not to be a flood.
MAX_DETAIL_CHARACTERS = 300
# Replacing a shorter secret would mangle ordinary words and guard nothing.
_MIN_SECRET_CHARACTERS = 4


def plain(text: str, secret: str = "") -> str:
    """One line that is safe to log and show: no secret, no control or direction-changing characters, not long."""
    if len(secret) >= _MIN_SECRET_CHARACTERS:
        text = text.replace(secret, "[secret]")
    text = text[: 4 * MAX_DETAIL_CHARACTERS]  # what follows costs time per character, and a host may send megabytes
    text = "".join(" " if character.isspace() else character for character in text)
    text = "".join(character for character in text if unicodedata.category(character)[0] != "C")
    text = " ".join(text.split())
    return text if len(text) <= MAX_DETAIL_CHARACTERS else f"{text[: MAX_DETAIL_CHARACTERS - 1]}…"
