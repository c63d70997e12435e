"""What comes back from a host: read through every redirection and mail, refused in one sentence when it was changed."""

import base64
import hashlib
import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from audits.collect.offline import OutputUnreadable, offline_script, read_output
from audits.collect.offline.output import MAX_OUTPUT_BYTES
from audits.judgement.words import Section
from simulator import windows
from simulator.windows.offline import printed, redirected
from tests.collect.simulated import packed

NOW = datetime(2026, 11, 25, 14, 0, 7, tzinfo=UTC)
NONCE = "5e" * 32
SCRIPT = offline_script(
    name="FleetAudit-HV01", computer_name="HV01", nonce=NONCE, salt="0b8e", expires_at=datetime(2026, 12, 9, tzinfo=UTC)
)
HOST = windows.host("hv01.contoso.lab", vms=[windows.vm("SQL01"), windows.vm("büro-ø", backup_service=False)])
TEXT = printed(HOST, SCRIPT, now=NOW)


def refusal(content: bytes | str) -> str:
    with pytest.raises(OutputUnreadable) as caught:
        read_output(content.encode() if isinstance(content, str) else content)
    return str(caught.value)


def test_the_output_says_who_when_and_every_section() -> None:
    output = read_output(TEXT.encode())
    assert output.nonce == NONCE
    assert output.computer_name == "HV01"
    assert (output.started_at, output.finished_at) == (NOW, NOW)
    assert {section.section for section in output.sections} == set(Section)


WAYS: dict[str, Callable[[str], bytes]] = {
    "redirected by PowerShell 5.1": lambda text: redirected(text, "5.1"),
    "redirected by PowerShell 7": lambda text: redirected(text, "7.4"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-16, big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "redirected by cmd": lambda text: text.encode("cp850"),
    "saved by Notepad on another system": lambda text: text.replace("\r\n", "\n").encode(),
    "wrapped by a mail at 60 characters": lambda text: _wrapped(text, 60).encode(),
    "quoted in a mail": lambda text: ("Hello,\n\n" + text.replace("\r\n", "\n> ") + "\nRegards").encode(),
    "indented and with trailing blanks": lambda text: text.replace("\r\n", "   \r\n    ").encode(),
    "with hard spaces": lambda text: text.replace("\r\n", "\u00a0\r\n").encode(),
    "copied from a console with its prompt": lambda text: f"PS C:\\> .\\x.ps1\r\n{text}PS C:\\> ".encode(),
    "with a German sentence around it": lambda text: f"Schöne Grüße\r\n{text}".encode("cp1252"),
}


def _wrapped(text: str, width: int) -> str:
    """As a mail program breaks lines: the first and last line fit."""
    lines = (line[at : at + width] for line in text.splitlines() for at in range(0, max(len(line), 1), width))
    return "\n".join(lines)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_the_output_survives_being(way: Callable[[str], bytes]) -> None:
    assert read_output(way(TEXT)) == read_output(TEXT.encode())


def _without(text: str, first: str, last: str) -> str:
    return text[: text.index(first)] + text[text.index(last, text.index(first)) :]


def _section_with(text: str) -> str:
    """The output with another text as its first section, hashed as the script would have."""
    lines = TEXT.split("\r\n")
    old = "".join(lines[lines.index(":data") + 1 : lines.index(":section", lines.index(":data"))])
    old_hash, new_hash = (hashlib.sha256(each.encode()).hexdigest() for each in (old, text))
    hashes = [lines[at + 1] for at, line in enumerate(lines) if line == ":sha256"]
    digest = hashlib.sha256((NONCE + "".join([new_hash, *hashes[1:]])).encode()).hexdigest()
    old_digest = lines[lines.index(":digest") + 1]
    joined = "\n".join(lines).replace("\n".join(old[at : at + 72] for at in range(0, len(old), 72)), text)
    return joined.replace(old_hash, new_hash).replace(old_digest, digest)


CHANGED: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "empty": (lambda: b"", "the line that it begins with is missing"),
    "another file": (lambda: b"\x89PNG\r\n\x1a\n" * 50, "the line that it begins with is missing"),
    "the script itself": (lambda: SCRIPT, "This is the script itself"),
    "broken off": (lambda: TEXT[: len(TEXT) // 2], "breaks off"),
    "a section's letter": (lambda: TEXT.replace("H4sI", "H4sJ", 1), "its hash does not match"),
    "a section cut out": (lambda: _without(TEXT, ":section", ":section\r\nservices"), "Sections are missing"),
    "a field cut out": (lambda: _without(TEXT, ":machine", ":started_at"), "its fields are not those"),
    "two sections exchanged": (lambda: TEXT.replace("\nidentity", "\nservices", 1), "in the wrong place"),
    "another nonce": (lambda: TEXT.replace(NONCE, "6f" * 32), "Sections are missing"),
    "a nonce that is none": (lambda: TEXT.replace(NONCE, "x" * 64), "its nonce is not one"),
    "another format": (lambda: TEXT.replace(":format\r\n1", ":format\r\n2"), "has format '2'"),
    "a time that is none": (lambda: TEXT.replace("20261125140007", "20261325140007"), "a time in it is none"),
    "a computer that is none": (
        lambda: TEXT.replace(base64.b64encode(b"HV01").decode(), base64.b64encode(b"HV\x1b[31m").decode()),
        "the computer's name is none",
    ),
    "text before the first field": (lambda: TEXT.replace(":format", "x :format", 1), "text before its first field"),
    "too large": (lambda: b"x" * (MAX_OUTPUT_BYTES + 1), "Is it the right file?"),
    "a section of another version": (
        lambda: _section_with(packed(b'{"section":"identity","schema_version":7,"probe_version":"9","status":"ok"}')),
        "schema version 7 was sent",
    ),
    "a section that unpacks without end": (
        lambda: _section_with(packed(b" " * (9 * 1024 * 1024))),
        "unpacks to more than",
    ),
    "a section that is no JSON": (lambda: _section_with(packed(b"Get-VM : nope")), "is not a section of the probe"),
}


@pytest.mark.parametrize(("change", "said"), CHANGED.values(), ids=CHANGED.keys())
def test_an_output_is_refused_in_one_sentence_when_it_is(change: Callable[[], str | bytes], said: str) -> None:
    sentence = refusal(change())
    assert said in sentence
    assert sentence.isprintable()
    assert len(sentence) < 700


def _mutated(content: bytes, dice: random.Random) -> bytes:
    """One to four changes such as disks, mails and malice make."""
    body = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(body) + 1)
        match dice.randrange(5):
            case 0:
                body[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del body[at : at + dice.choice((1, 2, 70, 5000))]
            case 2:
                body[at:at] = dice.choice(
                    (b":", b"\x00", b"\xff\xfe", b":data", b"\r\n:section\r\nvms\r\n", b"-----", b"=")
                )
            case 3:
                length = dice.choice((1, 64, 400))
                body[at:at] = body[max(0, at - length) : at]
            case _:
                body.reverse() if dice.random() < 0.02 else body.extend(b"\r\n")
        if not body:
            body.extend(b"x")
    return bytes(body)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_mutation_brings_anything_but_the_same_output_or_a_sentence(encoding: str) -> None:
    dice = random.Random(f"fleet audit {encoding}")
    content, original = TEXT.encode(encoding), read_output(TEXT.encode())
    refused = 0
    for _ in range(3000):
        try:
            output = read_output(_mutated(content, dice))
        except OutputUnreadable as error:
            refused += 1
            assert str(error).isprintable()
        else:
            assert output.sections == original.sections
            assert output.nonce == original.nonce
    assert refused > 2000
