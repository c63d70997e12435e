"""A pattern over VM names: `*` for any text, `?` for one character, case ignored, the whole name. Nothing else."""

import re

# What Hyper-V Manager lets a name have is 100 characters; a longer pattern is a mistake.
MOST_CHARACTERS = 200
# A name of a host that lies may be longer; it fits no pattern, as matching it would be a stranger's use of our time.
_LONGEST_NAME = 512


def matches(pattern: str, name: str) -> bool:
    """Whether the VM's whole name fits. A pure function; brackets and all else in a pattern stand for themselves.

    Takes at most time proportional to both lengths multiplied, whatever they hold: names are chosen by strangers.
    """
    if len(name) > _LONGEST_NAME:
        return False
    rest = name.casefold()
    first, *middle = pattern.casefold().split("*")
    if not middle:
        return _fits(first, rest) and len(first) == len(rest)
    last = middle.pop()
    if len(rest) < len(first) + len(last) or not _fits(first, rest) or not _fits(last, rest[len(rest) - len(last) :]):
        return False
    rest = rest[len(first) : len(rest) - len(last)]
    for piece in middle:  # the leftmost place of each piece leaves the most for the others
        at = next((at for at in range(len(rest) - len(piece) + 1) if _fits(piece, rest[at:])), None)
        if at is None:
            return False
        rest = rest[at + len(piece) :]
    return True


def _fits(piece: str, text: str) -> bool:
    """Whether a text begins with the piece, where `?` is any character."""
    return len(piece) <= len(text) and all(a in ("?", b) for a, b in zip(piece, text, strict=False))


def filter_from(text: str) -> str:
    """The pattern as it is stored. Raises ValueError for one that is empty, too long or not one printable line."""
    pattern = re.sub(r"\*+", "*", text.strip())
    if not pattern or len(pattern) > MOST_CHARACTERS or not pattern.isprintable():
        raise ValueError(f"a VM filter has 1 to {MOST_CHARACTERS} printable characters, as SQL* or DC0?")
    return pattern
