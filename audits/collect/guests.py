"""What guests answered becomes typed evidence, each guest by itself: one that lies or floods spoils no other."""

import re
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from audits.collect.packed import Unpackable, unpack
from audits.collect.plain import plain
from audits.judgement.evidence.guests import GuestReading, Guests, GuestTold
from audits.judgement.evidence.types import Guid, Text

# A file server with 200 volumes fills about 8 KB as it travels; the probe drops longer answers already on the host.
MAX_ANSWER_CHARACTERS = 32 * 1024
MAX_ANSWER_BYTES = 256 * 1024
# What all guests of a host may fill in the store; 1,024 honest guests need about 4 MiB.
MAX_ALL_BYTES = 8 * 1024 * 1024
# A guest is asked for a minute at most; the number is for display, and a hostile one stays out of the store.
MAX_DURATION_MS = 3_600_000

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

_told_decoder = msgspec.json.Decoder(GuestTold)


class GuestAnswer(Struct, frozen=True, kw_only=True):
    """One guest as the host hands it over: which VM, how asking ended, and the guest's own words, still packed."""

    vm_id: Guid
    channel: Text | None = None
    status: Text | None = None
    reason: Text | None = None
    duration_ms: int | None = None
    answer: str | None = None


class GuestAnswers(Struct, frozen=True, kw_only=True):
    """The data of section `guests` as the probe writes it."""

    guests: Annotated[tuple[GuestAnswer, ...], Meta(max_length=1024)] | None = None


def guests_from(answers: GuestAnswers) -> Guests:
    """The evidence. Of a VM named twice the first answer is taken; an id that is no GUID names no VM and is dropped."""
    if answers.guests is None:
        return Guests()
    readings: dict[str, GuestReading] = {}
    left = MAX_ALL_BYTES
    for answer in answers.guests:
        vm_id = answer.vm_id.lower()
        if vm_id in readings or not GUID.fullmatch(vm_id):
            continue
        readings[vm_id], used = _reading(answer, vm_id, min(left, MAX_ANSWER_BYTES))
        left -= used
    return Guests(guests=tuple(readings.values()))


def reading_from(answer: GuestAnswer) -> GuestReading:
    """One guest's reading. Whatever it wrote, this returns."""
    return _reading(answer, answer.vm_id, MAX_ANSWER_BYTES)[0]


def _reading(answer: GuestAnswer, vm_id: str, max_bytes: int) -> tuple[GuestReading, int]:
    """One guest's reading, and how many bytes of JSON it told. Whatever the guest wrote, this returns."""
    channel = plain(answer.channel or "") or None
    duration_ms = None if answer.duration_ms is None else max(0, min(answer.duration_ms, MAX_DURATION_MS))

    def without(status: str, reason: str) -> GuestReading:
        return GuestReading(vm_id=vm_id, channel=channel, status=status, reason=reason, duration_ms=duration_ms)

    status = answer.status if answer.status in ("denied", "timed_out", "skipped") else "error"
    if answer.status != "ok" or answer.answer is None:
        return without(status, plain(answer.reason or "") or "the guest gave no answer"), 0
    if max_bytes <= 0:  # which zlib would take for "no limit"
        return without("error", f"all guests together told more than {MAX_ALL_BYTES} bytes"), 0
    try:
        document = unpack(answer.answer, max_characters=MAX_ANSWER_CHARACTERS, max_bytes=max_bytes)
        told = _told_decoder.decode(document)
    except Unpackable as error:
        return without("error", f"the guest's answer was not understood: {error}"), 0
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        return without("error", plain(f"the guest's answer does not fit its schema: {error}")), 0
    known = {name: getattr(told, name) for name in GuestTold.__struct_fields__}
    reading = GuestReading(vm_id=vm_id, channel=channel, status="ok", duration_ms=duration_ms, is_windows=True, **known)
    return reading, len(document)
