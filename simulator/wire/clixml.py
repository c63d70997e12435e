"""CLIXML: how PowerShell writes values as XML; a direct writer, and a reader for what clients send (MS-PSRP 2.2.5).

The writer formats text instead of building trees: it is what keeps a whole audit under 5 ms of CPU.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.sax.saxutils import escape

# Control characters and everything beyond the BMP travel as _xHHHH_; an underscore that could start such an
# escape does too. Windows matches the x in either case.
_MUST_ESCAPE = re.compile("[\x00-\x1f\x7f-\x9f\U00010000-\U0010ffff]|_(?=[xX])")
_ESCAPED = re.compile("_[xX]([0-9A-Fa-f]{4})_")


class EncryptedText(str):
    """The base64 of a SecureString as it came; only the pool's session key can open it."""


def _escape_character(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be")
    return "".join(f"_x{units[at]:02X}{units[at + 1]:02X}_" for at in range(0, len(units), 2))


def text(value: str) -> str:
    """Escape ``value`` for the inside of a CLIXML element."""
    if not (value.isascii() and value.isprintable() and "_" not in value):  # ten times faster than the pattern
        value = _MUST_ESCAPE.sub(_escape_character, value)
    return escape(value)


def plain(value: str | None) -> str:
    """Undo `text` for what an XML parser has already unescaped."""
    if not value or "_" not in value:
        return value or ""
    units = _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), value)
    return units.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def string(value: str, name: str = "") -> str:
    """A string element, with its property name if it has one."""
    return f"<S{_named(name)}>{text(value)}</S>"


def int32(value: int, name: str = "") -> str:
    """A 32-bit integer element."""
    return f"<I32{_named(name)}>{value}</I32>"


def value(item: object, name: str = "") -> str:
    """Any value that a simulated script may output."""
    if item is None:
        return f"<Nil{_named(name)} />"
    if isinstance(item, bool):
        return f"<B{_named(name)}>{str(item).lower()}</B>"
    if isinstance(item, int):
        tag = "I32" if -(2**31) <= item < 2**31 else "I64"
        return f"<{tag}{_named(name)}>{item}</{tag}>"
    if isinstance(item, str):
        return string(item, name)
    raise TypeError(f"the simulator has no CLIXML form for {type(item).__name__}")


def enum(types: tuple[str, ...], word: str, number: int, name: str, ref: int, type_ref: int) -> str:
    """An enumeration value, written as PowerShell does: type names, its word, its number."""
    names = "".join(f"<T>{each}</T>" for each in (*types, "System.Enum", "System.ValueType", "System.Object"))
    return (
        f'<Obj{_named(name)} RefId="{ref}"><TN RefId="{type_ref}">{names}</TN>'
        f"<ToString>{word}</ToString><I32>{number}</I32></Obj>"
    )


def _named(name: str) -> str:
    return f' N="{name}"' if name else ""


def read(data: bytes) -> ElementTree.Element:
    """Parse one CLIXML document; raises ElementTree.ParseError."""
    return ElementTree.fromstring(data)  # noqa: S314  the only clients are tests and our own product


def members(element: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """The extended properties of an object, by name."""
    holder = element.find("MS")
    return {} if holder is None else {child.get("N", ""): child for child in holder}


def to_python(element: ElementTree.Element, seen: dict[str, ElementTree.Element] | None = None) -> object:
    """The Python value of a CLIXML element; objects become dicts, lists lists, unknown primitives text."""
    known = {} if seen is None else seen
    tag = element.tag
    content = element.text
    if tag == "Nil":
        return None
    if tag == "B":
        return (content or "").lower() == "true"
    if tag in {"I16", "I32", "I64", "U16", "U32", "U64", "By", "SB"}:
        return int(content or "0")
    if tag in {"Db", "Sg"}:
        return float(content or "0")
    if tag == "BA":
        return base64.b64decode(content or "")
    if tag == "SS":
        return EncryptedText(content or "")
    if tag == "Ref":
        target = known.get(element.get("RefId", ""))
        return None if target is None else to_python(target, known)
    if tag == "Obj":
        return _object(element, known)
    return plain(content)


def _object(element: ElementTree.Element, seen: dict[str, ElementTree.Element]) -> object:
    seen[element.get("RefId", "")] = element
    for child in element:
        if child.tag in {"LST", "IE", "QUE", "STK"}:
            return [to_python(item, seen) for item in child]
        if child.tag == "DCT":
            return _dictionary(child, seen)
    for child in element:
        if child.tag in {"MS", "Props"}:
            return {item.get("N", ""): to_python(item, seen) for item in child}
    primitive = next((child for child in element if child.tag not in {"TN", "TNRef", "ToString"}), None)
    if primitive is not None:
        return to_python(primitive, seen)
    return plain(element.findtext("ToString"))


def _dictionary(element: ElementTree.Element, seen: dict[str, ElementTree.Element]) -> Mapping[object, object]:
    entries: dict[object, object] = {}
    for entry in element.iter("En"):
        by_role = {child.get("N"): child for child in entry}
        key, held = by_role.get("Key"), by_role.get("Value")
        if key is not None and held is not None:
            entries[to_python(key, seen)] = to_python(held, seen)
    return entries
