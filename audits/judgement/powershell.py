"""Text of strangers in PowerShell: the one place where a name, a path or a number becomes part of a command.

What a host supplied is hostile. A literal made here evaluates to exactly the text that went in, holds no character
that a reader would not see, and nothing in it can end it. PowerShell ends a single-quoted string at any of five quote
characters, not at the ASCII one alone, and doubles each of them to mean itself.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import groupby

QUOTES = "'\u2018\u2019\u201a\u201b"
LONGEST_REMARK = 100
# Braces with one lower-case word in them. Script blocks of PowerShell are written with spaces here: { $_.Id }.
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_DOUBLED = re.compile(f"[{QUOTES}]")
_DRIVE = re.compile(r"([A-Za-z]:)\\?")
_VOLUME_ID = re.compile(r"\\\\\?\\Volume\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}\\?")


class Code(str):
    """PowerShell that this product itself wrote, such as the name of a variable. Never made of what a host said."""

    __slots__ = ()


def literal(text: str) -> str:
    """`text` as one PowerShell expression: a quoted string, or a sum of strings and [char] where it hides something."""
    if text.isprintable():  # the rule, and quick: the rest is for the few texts that hide something
        return f"'{_DOUBLED.sub(_twice, text)}'"
    pieces = list(_pieces(text, is_visible)) or ["''"]
    if len(pieces) == 1:
        return pieces[0]
    return f"({' + '.join(pieces)})"


def _pieces(text: str, may_stand: Callable[[str], bool]) -> Iterator[str]:
    """Strings and [char] numbers, a string first: its type makes the whole sum a string."""
    for number, (stands, run) in enumerate(groupby(text, may_stand)):
        if stands:
            yield f"'{_DOUBLED.sub(_twice, ''.join(run))}'"
            continue
        if number == 0:
            yield "''"
        for character in run:
            for unit in _utf16(character):
                yield f"[char]0x{unit:04X}"


def _twice(quote: re.Match[str]) -> str:
    return quote[0] * 2


def is_visible(character: str) -> bool:
    """Whether a reader sees it: no control, direction, invisible, unassigned or line-breaking character."""
    category = unicodedata.category(character)
    return category[0] != "C" and category not in ("Zl", "Zp")


def _utf16(character: str) -> Iterator[int]:
    """PowerShell's [char] is a UTF-16 unit; a character beyond the first 65,536 takes two."""
    data = character.encode("utf-16-be", "surrogatepass")
    for start in range(0, len(data), 2):
        yield int.from_bytes(data[start : start + 2])


# What a script of this product consists of, as far as strings and comments go; it opens strings with ' and " only.
TOKENS = re.compile(rf"(?P<string>'(?:[^{QUOTES}]|[{QUOTES}]{{2}})*')|(?P<expandable>\"[^\"]*\")|(?P<comment>#[^\n]*)")


def ascii_only(script: str) -> str:
    """The same script with every string in ASCII, for a file: PowerShell 5.1 and older read a file without a byte
    order mark in the computer's own code page, where parts of other characters can turn into quotes.

    Comments stay readable, as nothing in them can end a string.
    """
    return TOKENS.sub(lambda match: _in_ascii(match[0]) if match["string"] else match[0], script)


def _in_ascii(string: str) -> str:
    if string.isascii():
        return string
    text = re.sub(f"([{QUOTES}])[{QUOTES}]", r"\1", string[1:-1])
    return f"({' + '.join(_pieces(text, str.isascii))})"


def remark(text: str, longest: int = LONGEST_REMARK) -> str:
    """`text` for the inside of a comment: one line, nothing invisible, no end of a block comment, cut to `longest`.

    Put words of your own before it: PowerShell reads meaning into comments that begin with "requires" or "SIG".
    """
    cut = text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters)"
    seen = cut if cut.isprintable() else "".join(c if is_visible(c) else f"<U+{ord(c):04X}>" for c in cut)
    return seen.replace("#>", "# >")


def commands(template: str, **values: str | int) -> str:
    """The template with every {placeholder} filled in: text as a literal, numbers as they are, `Code` unchanged.

    KeyError for a placeholder without a value, so that none is ever left for a reader to fill in. The template is this
    product's own text: what was filled in before goes into another template as `Code`, never as part of it.
    """
    return _PLACEHOLDER.sub(lambda match: _written(values[match[1]]), template)


def _written(value: str | int) -> str:
    if isinstance(value, Code) or not isinstance(value, str):
        return str(value)
    return literal(value)


def volume_argument(*names: str | None) -> str | None:
    """The first of `names` that is a drive letter or a volume id, as programs like vssadmin take it; else None.

    Windows PowerShell does not quote arguments of programs safely, so nothing but these two shapes is ever passed.
    """
    for name in names:
        if name is not None and (match := _DRIVE.fullmatch(name)):
            return match[1].upper()
        if name is not None and _VOLUME_ID.fullmatch(name):
            return name.rstrip("\\") + "\\"
    return None


def path_argument(path: str) -> str | None:
    """A path that may be passed to a program: no quote of that program, nothing invisible; else None.

    A backslash at the end would escape the closing quote that Windows PowerShell adds, so it is left out.
    """
    if '"' in path or not all(map(is_visible, path)):
        return None
    return path.rstrip("\\") or None
