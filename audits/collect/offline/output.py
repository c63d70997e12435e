"""What the offline script printed, read back: hostile text that went through a redirection, a mail or a clipboard."""

import binascii
import hashlib
import hmac
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from audits.collect.plain import plain
from audits.collect.sections import DecodedSection, SectionUnreadable, decode_section
from audits.judgement.words import Section

FORMAT = "1"
BEGIN, END = "-----BEGIN FLEET AUDIT EVIDENCE-----", "-----END FLEET AUDIT EVIDENCE-----"
# A host with 1,024 VMs prints 0.5 MiB, twice that in the UTF-16 that Windows PowerShell writes with >.
MAX_OUTPUT_BYTES = 8 * 1024 * 1024
# Before the sections, and after them; between, three fields for each section.
_HEAD, _EACH, _TAIL = (
    ("format", "nonce", "computer", "machine", "started_at"),
    ("section", "sha256", "data"),
    ("finished_at", "digest"),
)
_HEX = re.compile(r"[0-9a-f]{64}")
# Windows takes 15 characters; more is no computer's name.
_LONGEST_COMPUTER_NAME = 63


class OutputUnreadable(Exception):
    """The text is not what the script printed; one sentence that says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Output:
    """One run of the script on one host. Times are UTC by the host's own clock; `machine` is 64 hex digits or empty."""

    nonce: str
    computer_name: str
    machine: str
    started_at: datetime
    finished_at: datetime
    sections: tuple[DecodedSection, ...]


def read_output(content: bytes) -> Output:
    """Read an uploaded output. Raises OutputUnreadable and nothing else, whatever the bytes are.

    Takes UTF-16 and UTF-8 with or without mark, other line ends and line lengths, text around the block, and the `>`
    that mail puts before quoted lines.
    """
    if len(content) > MAX_OUTPUT_BYTES:
        raise OutputUnreadable(
            f"The file has {len(content):,} bytes; an output has at most {MAX_OUTPUT_BYTES:,}. Is it the right file?"
        )
    fields = _fields(_block(_text(content)))
    names = [name for name, _ in fields]
    count, rest = divmod(len(fields) - len(_HEAD) - len(_TAIL), len(_EACH))
    if rest or count < 0 or names != [*_HEAD, *_EACH * count, *_TAIL]:
        raise OutputUnreadable(
            "The output is incomplete or was changed: its fields are not those that the script prints."
        )
    head = dict(fields[: len(_HEAD)])
    tail = dict(fields[-len(_TAIL) :])
    if head["format"] != FORMAT:
        raise OutputUnreadable(
            f"The output has format {plain(head['format'])[:20]!r}; {FORMAT} is understood. Make a new script."
        )
    nonce = _hex(head["nonce"], "nonce")
    triples = [dict(fields[at : at + 3]) for at in range(len(_HEAD), len(fields) - len(_TAIL), 3)]
    _check_digest(nonce, triples, tail["digest"])
    return Output(
        nonce=nonce,
        computer_name=_computer_name(head["computer"]),
        machine=_hex(head["machine"], "machine") if head["machine"] else "",
        started_at=_time(head["started_at"]),
        finished_at=_time(tail["finished_at"]),
        sections=tuple(_sections(triples)),
    )


def _text(content: bytes) -> str:
    """Everything of interest is ASCII, so what matters is only whether a character has one byte or two."""
    if content.startswith(b"\xff\xfe") or (b"\x00" in content[1:200:2] and b"\x00" not in content[:200:2]):
        return content.decode("utf-16-le", "replace")
    if content.startswith(b"\xfe\xff"):
        return content.decode("utf-16-be", "replace")
    return content.decode("utf-8", "replace")


def _block(text: str) -> str:
    if "function Read-FleetAuditEvidence {" in text:
        raise OutputUnreadable(
            "This is the script itself. Run it on the host, and upload the .txt file that it printed."
        )
    begin = text.find(BEGIN)
    if begin < 0:
        raise OutputUnreadable("This is no output of the script: the line that it begins with is missing.")
    end = text.find(END, begin)
    if end < 0:
        raise OutputUnreadable("The output breaks off: its last line is missing. Run the script again until it ends.")
    return text[begin + len(BEGIN) : end]


def _fields(block: str) -> list[tuple[str, str]]:
    """Names with their values. White space means nothing, so that a line may be broken anywhere."""
    found: list[tuple[str, list[str]]] = []
    for piece in block.replace(">", " ").split():
        if piece.startswith(":"):
            found.append((piece[1:], []))
        elif found:
            found[-1][1].append(piece)
        else:
            raise OutputUnreadable("The output was changed: there is text before its first field.")
    return [(name, "".join(pieces)) for name, pieces in found]


def _check_digest(nonce: str, triples: list[dict[str, str]], digest: str) -> None:
    """Every section is as the script printed it, and none is missing."""
    for fields in triples:
        printed = hashlib.sha256(fields["data"].encode("utf-8", "replace")).hexdigest()
        if not hmac.compare_digest(printed, _hex(fields["sha256"], "sha256")):
            raise OutputUnreadable(
                f"The section {plain(fields['section'])[:20]!r} was changed on the way: its hash does not match. "
                "Send the output as a file, not as text."
            )
    whole = hashlib.sha256((nonce + "".join(fields["sha256"] for fields in triples)).encode()).hexdigest()
    if not hmac.compare_digest(whole, _hex(digest, "digest")):
        raise OutputUnreadable("Sections are missing from the output, or were put together from several. Run it again.")


def _sections(triples: list[dict[str, str]]) -> Iterator[DecodedSection]:
    seen: set[Section] = set()
    for fields in triples:
        try:
            decoded = decode_section(fields["data"])
        except SectionUnreadable as error:
            raise OutputUnreadable(
                f"The section {plain(fields['section'])[:20]!r} cannot be read: {plain(error.problem)}. "
                "Make a new script with this version of Fleet Audit and run that."
            ) from error
        if decoded.section != fields["section"] or decoded.section in seen:
            raise OutputUnreadable(f"The output holds {decoded.section!s} in the wrong place. Run the script again.")
        seen.add(decoded.section)
        yield decoded


def _hex(text: str, name: str) -> str:
    if not _HEX.fullmatch(text):
        raise OutputUnreadable(f"The output was changed: its {name} is not one.")
    return text


def _computer_name(text: str) -> str:
    try:
        name = b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise OutputUnreadable("The output was changed: the computer's name cannot be read.") from error
    if not 1 <= len(name) <= _LONGEST_COMPUTER_NAME or plain(name) != name:
        raise OutputUnreadable("The output was changed: the computer's name is none.")
    return name


def _time(text: str) -> datetime:
    if not re.fullmatch(r"[0-9]{14}", text):
        raise OutputUnreadable("The output was changed: a time in it is none.")
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise OutputUnreadable("The output was changed: a time in it is none.") from error
