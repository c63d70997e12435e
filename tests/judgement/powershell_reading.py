"""How Windows PowerShell reads strings and comments, written down a second time so that quoting has something to face.

After PowerShell's own tokenizer: any of five characters opens or closes a single-quoted string, two of them in a row
inside it mean the first; a number sign begins a comment that ends with the line.
"""

import re

SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"
_SUM = re.compile(r"\(\x00(?: \+ (?:\x00|\[char\]0x[0-9A-F]{4}))*\)")


def outside(script: str) -> str:
    """The script without the content of its strings and comments; a sum of strings and [char] counts as one string."""
    kept: list[str] = []
    position = 0
    while position < len(script):
        character = script[position]
        if character in SINGLE_QUOTES:
            position = _end_of_string(script, position + 1)
            kept.append("\x00")
        elif character == "#":
            end = re.compile(r"[\r\n]").search(script, position)
            position = end.start() if end else len(script)
            kept.append("#")
        else:
            kept.append(character)
            position += 1
    text, before = "".join(kept), ""
    while text != before:  # a sum may stand inside a sum
        text, before = _SUM.sub("\x00", text), text
    return text


def _end_of_string(script: str, position: int) -> int:
    while position < len(script):
        if script[position] in SINGLE_QUOTES:
            if position + 1 == len(script) or script[position + 1] not in SINGLE_QUOTES:
                return position + 1
            position += 1
        position += 1
    raise AssertionError("a string without an end")


def value_of(expression: str) -> str:
    """What a literal evaluates to. AssertionError for anything but strings and [char] numbers that are added up."""
    pieces = _split(expression[1:-1]) if expression.startswith("(") else [expression]
    assert pieces[0][0] == "'", "a string comes first, else PowerShell adds numbers"
    units = "".join(_value_of_piece(piece) for piece in pieces)
    return units.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")


def _split(sum_of_pieces: str) -> list[str]:
    pieces, position = [], 0
    while position < len(sum_of_pieces):
        if sum_of_pieces[position] in SINGLE_QUOTES:
            end = _end_of_string(sum_of_pieces, position + 1)
        else:
            end = position + len("[char]0x0000")
        pieces.append(sum_of_pieces[position:end])
        assert end == len(sum_of_pieces) or sum_of_pieces[end : end + 3] == " + "
        position = end + 3
    return pieces


def _value_of_piece(piece: str) -> str:
    if piece.startswith("[char]0x"):
        return chr(int(piece.removeprefix("[char]0x"), 16))
    assert piece[0] in SINGLE_QUOTES and piece[-1] in SINGLE_QUOTES
    return re.sub(f"([{SINGLE_QUOTES}])[{SINGLE_QUOTES}]", r"\1", piece[1:-1])
