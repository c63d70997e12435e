"""What a guest packed, unpacked: bounded, typed, and never an error that leaves its own row."""

import base64
import gzip
import json
import random
from typing import Any

import pytest

from audits.collect.guests import (
    MAX_ALL_BYTES,
    MAX_ANSWER_BYTES,
    GuestAnswer,
    GuestAnswers,
    guests_from,
    reading_from,
)
from audits.collect.sections import decode_section
from audits.judgement.evidence import Guests
from audits.judgement.evidence.guests import GuestReading
from audits.judgement.words import SectionStatus
from simulator import windows
from tests.collect.simulated import envelope

VM_ID = "0b9d2f6e-0000-4000-8000-000000000001"
HONEST = windows.guest_answer(windows.vm("SQL01", vm_id=VM_ID, inside=windows.Inside(dynamic_disk=True)))


def packed(document: Any) -> str:
    return base64.b64encode(gzip.compress(json.dumps(document).encode(), mtime=0)).decode()


def read(answer: str | None, **fields: Any) -> GuestReading:
    words: dict[str, Any] = {"vm_id": VM_ID, "channel": "powershell_direct", "status": "ok"} | fields
    return reading_from(GuestAnswer(answer=answer, **words))


def test_an_honest_answer_is_read_whole() -> None:
    reading = read(HONEST)
    assert (reading.status, reading.reason, reading.is_windows) == ("ok", None, True)
    assert [disk.is_dynamic for disk in reading.disks or ()] == [True]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ([], "schema"),
        ({"services": 7}, "schema"),
        ({"disks": [{"number": "0"}]}, "schema"),
        ({"volumes": [{}]}, "schema"),
        ({"gaps": ["x" * 5000]}, "schema"),
        ({"services": [{"name": "a"}] * 257}, "schema"),
        ({"volumes": [{"volume_id": "v", "free_bytes": -1}]}, "schema"),
    ],
)
def test_an_answer_of_another_shape_is_an_error_and_nothing_of_it_is_kept(document: Any, problem: str) -> None:
    reading = read(packed(document))
    assert reading.status == "error"
    assert problem in (reading.reason or "")
    assert (reading.services, reading.volumes, reading.disks, reading.gaps) == (None, None, None, None)


@pytest.mark.parametrize("answer", ["", "no base64!", "AAAA", HONEST[:-8], base64.b64encode(b"{}").decode()])
def test_text_that_is_no_packed_answer_is_an_error(answer: str) -> None:
    assert read(answer).status == "error"


def test_a_guest_cannot_say_which_vm_it_is_or_how_asking_it_ended() -> None:
    told = packed({"vm_id": "another", "status": "ok", "channel": "winrm", "is_windows": False, "os_build": 20348})
    reading = read(told)
    assert (reading.vm_id, reading.channel, reading.is_windows) == (VM_ID, "powershell_direct", True)


def test_a_bomb_is_stopped_while_it_unpacks() -> None:
    bomb = base64.b64encode(gzip.compress(b" " * 20_000_000)).decode()
    assert len(bomb) < 32_768
    assert "unpacks to more than" in (read(bomb).reason or "")


def test_zero_bytes_never_reach_the_store() -> None:
    reading = read(packed({"services": [{"name": "a\x00b"}]}))
    assert reading.services is not None
    assert reading.services[0].name == "a\ufffdb"


def test_all_guests_together_are_bounded_as_well() -> None:
    big = packed({"gaps": ["x" * 4000] * (MAX_ANSWER_BYTES // 4100)})
    answers = [
        GuestAnswer(vm_id=f"{number:08x}-0000-4000-8000-000000000000", status="ok", answer=big) for number in range(60)
    ]
    readings = guests_from(GuestAnswers(guests=tuple(answers))).guests or ()
    kept = sum(len(json.dumps(reading.gaps)) for reading in readings if reading.gaps)
    assert kept <= MAX_ALL_BYTES
    assert {reading.status for reading in readings} == {"ok", "error"}


def test_of_a_vm_that_is_named_twice_the_first_answer_counts_and_no_vm_is_none() -> None:
    rows = [
        GuestAnswer(vm_id=VM_ID.upper(), status="denied", reason="first"),
        GuestAnswer(vm_id=VM_ID, status="ok", answer=HONEST),
        GuestAnswer(vm_id="; DROP TABLE", status="ok", answer=HONEST),
    ]
    readings = guests_from(GuestAnswers(guests=tuple(rows))).guests or ()
    assert [(reading.vm_id, reading.status) for reading in readings] == [(VM_ID, "denied")]


@pytest.mark.parametrize(("status", "kept"), [("denied", "denied"), ("invented", "error"), (None, "error")])
def test_only_known_endings_are_kept(status: str | None, kept: str) -> None:
    reading = read(None, status=status, reason="why\x00\u202e\n" + "x" * 9000, duration_ms=10**15)
    assert reading.status == kept
    assert len(reading.reason or "") <= 300
    assert "\u202e" not in (reading.reason or "")
    assert (reading.duration_ms or 0) < 10**7


def test_a_section_of_guests_keeps_its_content_and_its_volatile_part_apart() -> None:
    rows = {"guests": [{"vm_id": VM_ID, "status": "ok", "duration_ms": 5, "answer": HONEST}]}
    one = decode_section(envelope("guests", rows))
    rows["guests"][0]["duration_ms"] = 900
    two = decode_section(envelope("guests", rows))
    assert one.status is SectionStatus.OK
    assert isinstance(one.data, Guests)
    assert one.sha256 == two.sha256
    assert one.samples != two.samples


def test_ten_thousand_mutations_end_in_a_reading_and_no_error() -> None:
    chance = random.Random(20261125)
    document = gzip.decompress(base64.b64decode(HONEST))
    endings: set[str | None] = set()
    for _ in range(10_000):
        mutated = bytearray(document)
        for _ in range(chance.randint(1, 4)):
            mutated[chance.randrange(len(mutated))] = chance.choice(b'{}[]",:0ntf\\\x00\xff')
        text = base64.b64encode(gzip.compress(bytes(mutated), compresslevel=1)).decode()
        if chance.random() < 0.2:
            text = text[: chance.randrange(len(text))]
        endings.add(read(text).status)
    assert endings == {"ok", "error"}
