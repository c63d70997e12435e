"""Decoding: typed evidence or a typed error, a hash that only changes when the host did, and nothing that grows."""

import gzip
import random
from base64 import b64decode, b64encode
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from audits.collect.sections import (
    MAX_JSON_BYTES,
    MAX_TEXT_CHARACTERS,
    SectionTooLarge,
    SectionUnreadable,
    assemble,
    decode_section,
    restore_section,
    unreadable_section,
)
from audits.collect.volatile import split
from audits.judgement.evidence import SECTION_TYPES, Evidence, VMs, VssEvents
from audits.judgement.words import Section, SectionStatus
from tests.collect.simulated import HEALTHY, envelope, packed, virtual_machine


def test_a_section_becomes_typed_evidence_with_its_duration_and_gaps() -> None:
    gap = {"what": "vms.disks", "why": "denied", "detail": "AccessDenied"}
    section = decode_section(envelope("vms", HEALTHY[Section.VMS], gaps=[gap]))
    assert isinstance(section.data, VMs)
    assert section.data.vms is not None
    assert len(section.data.vms) == 50
    assert (section.status, section.duration_seconds, section.gaps[0].why) == (SectionStatus.OK, 0.42, "denied")


def test_what_is_stored_gives_the_same_evidence_again() -> None:
    for name, data in HEALTHY.items():
        section = decode_section(envelope(name, data))
        assert section.stable_json is not None
        assert restore_section(section.section, section.stable_json, section.samples) == section.data


def test_a_heartbeat_or_free_space_does_not_change_the_hash() -> None:
    before, after = virtual_machine(1), virtual_machine(1)
    after["uptime_seconds"] += 86_400
    after["heartbeat"] = 13
    after["memory_assigned_bytes"] = None
    first = decode_section(envelope("vms", {"vms": [before]}))
    second = decode_section(envelope("vms", {"vms": [after]}))
    assert first.sha256 == second.sha256
    assert first.samples != second.samples


def test_a_changed_setting_changes_the_hash() -> None:
    changed = virtual_machine(1) | {"checkpoint_type": 5}
    first = decode_section(envelope("vms", {"vms": [virtual_machine(1)]}))
    assert first.sha256 != decode_section(envelope("vms", {"vms": [changed]})).sha256


def test_the_order_of_keys_does_not_change_the_hash() -> None:
    machine = virtual_machine(1)
    reversed_machine = dict(reversed(machine.items()))
    first = decode_section(envelope("vms", {"vms": [machine]}))
    assert first.sha256 == decode_section(envelope("vms", {"vms": [reversed_machine]})).sha256


def test_an_event_count_is_a_sample() -> None:
    count = {"provider": "VSS", "event_id": 8194, "count": 3, "first_at": "2026-11-01T00:00:00Z"}
    section = decode_section(envelope("vss_events", {"window_days": 30, "counts": [count]}))
    assert isinstance(section.data, VssEvents)
    assert section.samples is not None
    assert section.samples["counts"] == [{"count": 3, "first_at": "2026-11-01T00:00:00Z", "last_at": None}]
    assert section.stable_json is not None
    assert b'"count":0' in section.stable_json


def _all_evidence_types() -> list[type[Evidence]]:
    found: list[type[Evidence]] = []
    for kind in Evidence.__subclasses__():
        found += [kind, *kind.__subclasses__()]
    return found


@pytest.mark.parametrize("kind", _all_evidence_types())
def test_every_volatile_field_exists_and_has_a_default_to_be_hashed_as(kind: type[Evidence]) -> None:
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for name in getattr(kind, "VOLATILE", ()):
        assert not fields[name].required, f"{kind.__name__}.{name} cannot be left out of the hash"


@pytest.mark.parametrize("kind", SECTION_TYPES.values())
def test_no_volatile_value_stays_in_the_stable_part_however_deep_it_lies(kind: type[Evidence]) -> None:
    stable, samples = split(_filled(kind))
    assert b"volatile" not in msgspec.json.encode(stable)
    assert (b"volatile" in msgspec.json.encode(samples)) is (b"volatile" in msgspec.json.encode(_filled(kind)))


def _filled(kind: type[Evidence]) -> Evidence:
    """One item in every list, and a word in every volatile field (structs do not check types when they are made)."""
    volatile = getattr(kind, "VOLATILE", ())
    values: dict[str, Any] = dict.fromkeys(volatile, "volatile")
    for name, hint in get_type_hints(kind).items():
        items = [item for part in get_args(hint) for item in get_args(part) if isinstance(item, type)]
        evidence = [item for item in items if issubclass(item, Evidence)]
        if evidence:
            values[name] = (_filled(evidence[0]),)
        else:
            values.setdefault(name, None)
    return kind(**{name: value for name, value in values.items() if name in kind.__struct_fields__})


@pytest.mark.parametrize("status", ["error", "timed_out", "denied", "skipped"])
def test_a_section_that_was_not_read_has_no_data_but_a_reason(status: str) -> None:
    section = decode_section(envelope("writers", {"writers": []}, status=status, reason="a VM is busy"))
    assert section.data is None
    assert section.sha256 is None
    assert section.reading.reason == "a VM is busy"


def test_ok_without_data_is_not_understood() -> None:
    with pytest.raises(SectionUnreadable, match="section vms"):
        decode_section(envelope("vms", None))


def test_another_schema_version_is_named_and_keeps_the_sections_name() -> None:
    with pytest.raises(SectionUnreadable, match="schema version 0 was sent") as caught:
        decode_section(envelope("volumes", {}, schema_version=0))
    replacement = unreadable_section(caught.value)
    assert replacement is not None
    assert (replacement.section, replacement.status) == (Section.VOLUMES, SectionStatus.ERROR)


def test_data_that_does_not_fit_says_where() -> None:
    with pytest.raises(SectionUnreadable, match=r"\$\.vms\[0\]\.generation"):
        decode_section(envelope("vms", {"vms": [virtual_machine(1) | {"generation": "two"}]}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not base64!",
        "ünïcode",
        b64encode(b"not gzip").decode(),
        packed(b""),
        packed(b"The term 'ConvertTo-Json' is not recognized"),
        packed(b"[]"),
        packed(b'{"section":"unheard_of","schema_version":1,"probe_version":"1","status":"ok"}'),
        packed(b"[" * 1_000_000),
        packed(b'{"data":' * 500_000),
        packed(b'{"section":"vms","schema_version":1,"probe_version":"1","status":"ok","data":' + b"[" * 500_000),
        packed(b'{"section":"vms","schema_version":1e400,"probe_version":"1","status":"ok"}'),
        packed(b'{"section":"vms","schema_version":1,"probe_version":"1","status":"ok","duration_ms":-1}'),
        packed(b'{"section":"vms","schema_version":1,"probe_version":"\\ud800","status":"ok"}'),
        packed(b'{"section":"vms","schema_version":1,"probe_version":"\xff","status":"ok"}'),
        envelope("vms", {"vms": []})[:-9],
    ],
)
def test_what_is_no_section_is_unreadable(text: str) -> None:
    with pytest.raises(SectionUnreadable):
        decode_section(text)


def test_a_gzip_bomb_is_too_large_before_it_is_unpacked() -> None:
    bomb = b64encode(gzip.compress(b" " * (MAX_JSON_BYTES + 1))).decode()
    assert len(bomb) < 20_000
    with pytest.raises(SectionTooLarge, match="unpacks to more"):
        decode_section(bomb)


def test_a_long_text_is_too_large_before_it_is_decoded() -> None:
    with pytest.raises(SectionTooLarge, match="characters of base64"):
        decode_section("A" * (MAX_TEXT_CHARACTERS + 1))


def test_a_nul_character_is_replaced_because_the_store_cannot_hold_it() -> None:
    section = decode_section(envelope("vms", {"vms": [virtual_machine(1) | {"name": "a\0b", "version": "c\\u0000d"}]}))
    assert isinstance(section.data, VMs)
    assert section.data.vms is not None
    assert section.data.vms[0].name == "a\ufffdb"
    assert section.data.vms[0].version == "c\\u0000d"


def test_a_hostile_duration_is_bounded() -> None:
    section = decode_section(envelope("guest_facts", {"guests": []}, duration_ms=2**63))
    assert section.duration_seconds <= 86_400


def test_of_a_section_that_is_sent_twice_the_first_counts() -> None:
    first = decode_section(envelope("identity", {"os_build": 20348}))
    second = decode_section(envelope("identity", {"os_build": 9600}))
    evidence = assemble([first, second])
    assert evidence.identity is not None
    assert evidence.identity.os_build == 20348


def test_ten_thousand_mutations_raise_nothing_but_the_typed_error() -> None:
    chance = random.Random(20261125)
    data = {"vms": [virtual_machine(1), virtual_machine(2)], "images": [{"path": "D:\\a.vhdx"}], "registered_count": 2}
    text = envelope("vms", data)
    document = gzip.decompress(b64decode(text))
    understood = 0
    for case in range(10_000):
        mutated = _mutated(document, chance) if case % 4 else b""
        candidate = packed(mutated) if mutated else _mutated(text.encode(), chance).decode("latin-1")
        try:
            section = decode_section(candidate)
        except SectionUnreadable:
            continue
        understood += 1
        assemble([section])
    assert 0 < understood < 10_000


def _mutated(original: bytes, chance: random.Random) -> bytes:
    mutated = bytearray(original)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(mutated))
        kind = chance.randrange(5)
        if kind == 0:
            mutated[at] = chance.randrange(256)
        elif kind == 1:
            del mutated[at : at + chance.randint(1, 40)]
        elif kind == 2:
            mutated[at:at] = chance.choice([b'"', b"{", b"[", b"\\u0000", b"-", b"9" * 30, b"null", b"\xff"])
        elif kind == 3:
            other = chance.randrange(len(mutated))
            mutated[at : at + 20] = mutated[other : other + 20]
        else:
            del mutated[at:]
        if not mutated:
            return b"{"
    return bytes(mutated)
