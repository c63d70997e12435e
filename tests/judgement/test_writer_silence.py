"""Why the writer has no clear word: each reason exactly, and no meaning given to a word that no source explains."""

from typing import Any

import pytest
from msgspec import structs

from audits.judgement.evidence import Gap, HostEvidence, VssEvents
from audits.judgement.evidence.vss_events import EventCount
from audits.judgement.evidence.writers import HYPER_V_WRITER, Component, Writer
from audits.judgement.judge import judge
from audits.judgement.words import BackupPath, ResultWord, Section, SectionStatus, WriterSays
from tests.judgement.hosts import (
    VM_ID,
    healthy_host,
    vm,
    with_caption,
    with_events,
    with_gap,
    with_vms,
    with_writers,
    without,
)

OFF_ID, OTHER_ID = "00000000-0000-4000-8000-0000000000ff", "00000000-0000-4000-8000-0000000000aa"


def reason(host: HostEvidence) -> str:
    judgement = judge(host, BackupPath.VSS)
    [result] = [each for each in judgement.results if each.rule == "HOST-CAPTION" and each.subject_id == VM_ID]
    assert result.result is ResultWord.UNKNOWN
    assert judgement.verdicts[0].writer_says in (WriterSays.UNKNOWN, WriterSays.NOT_READ)
    return result.reason or ""


def unlisted(**writers: Any) -> HostEvidence:
    return with_writers(healthy_host(), components=(), **writers)


def with_vss_error(host: HostEvidence, *codes: str, event_id: int = 8193) -> HostEvidence:
    last = "2026-11-22T22:00:00.1230000Z"
    row = EventCount(provider="VSS", event_id=event_id, level=2, count=3, last_at=last, codes=codes)
    assert isinstance(host.vss_events, VssEvents)
    return structs.replace(host, vss_events=structs.replace(host.vss_events, counts=(row,)))


def test_an_overflow_of_components_is_named_with_event_and_code() -> None:
    told = reason(with_vss_error(unlisted(), "0x80070018"))
    assert "event 8193 with 0x80070018" in told
    assert "last at 2026-11-22 22:00 UTC" in told


@pytest.mark.parametrize(
    "host",
    [
        with_vss_error(unlisted(), "0x80070005"),
        with_vss_error(unlisted()),
        with_vss_error(unlisted(), "0x80070018", event_id=8194),
        with_events(unlisted(), ("VSS", 8193, 3)),
        structs.replace(unlisted(), vss_events=None),
    ],
)
def test_another_error_is_not_taken_for_an_overflow(host: HostEvidence) -> None:
    assert reason(host) == "the Hyper-V writer is there and does not list the VM"


def test_a_vm_that_is_listed_keeps_its_word_whatever_vss_logged() -> None:
    verdict = judge(with_vss_error(healthy_host(), "0x80070018"), BackupPath.VSS).verdicts[0]
    assert verdict.writer_says is WriterSays.ONLINE


def test_a_failed_and_an_absent_writer_are_told_apart() -> None:
    assert "has failed (state 9)" in reason(unlisted(writers=(Writer(writer_id=HYPER_V_WRITER, state=9),)))
    assert "is not registered" in reason(unlisted(writers=()))
    assert reason(unlisted(writers=None)) == "the writer does not list the VM"


@pytest.mark.parametrize(
    ("gap", "told"),
    [
        (Gap(what="components", why="absent", detail="Win32Exception"), "this Windows does not offer it"),
        (Gap(what="components", why="denied", detail="exit code 5"), "the account may not read it"),
        (Gap(what="components", why="refused", detail="exit code 0"), "refused the read-only way of asking"),
        (Gap(what="components", why="timed_out", detail="no time left"), "timed out (no time left)"),
    ],
)
def test_a_missing_program_and_missing_rights_are_said_as_such(gap: Gap, told: str) -> None:
    host = with_writers(with_gap(healthy_host(), Section.WRITERS, gap), components=None)
    assert told in reason(host)


def test_writers_that_were_left_alone_are_said_as_such() -> None:
    told = reason(without(healthy_host(), Section.WRITERS, SectionStatus.SKIPPED, "a VM is busy with a backup (1)"))
    assert "a VM is busy with a backup (1)" in told


def test_a_word_that_no_source_explains_is_shown_with_who_carries_it_and_never_guessed() -> None:
    machines = (vm(), vm(vm_id=OFF_ID, name="OFF", state=3), vm(vm_id=OTHER_ID, name="APP"))
    host = with_vms(healthy_host(), vms=machines, registered_count=3)
    captions = {VM_ID: "Hors ligne\\SQL01", OFF_ID: "Hors ligne\\OFF", OTHER_ID: "En ligne\\APP"}
    components = tuple(Component(vm_id=vm_id, caption=caption) for vm_id, caption in captions.items())
    told = reason(with_writers(host, components=components))
    assert "“Hors ligne”" in told
    assert "1 running, 1 off or saved" in told


def test_odd_captions_have_their_own_reasons() -> None:
    twice = tuple(Component(vm_id=VM_ID, caption=f"{word}\\SQL01") for word in ("Online", "Offline"))
    assert "2 times, with different words" in reason(with_writers(healthy_host(), components=twice))
    assert "no word before its name" in reason(with_caption(healthy_host(), "SQL01"))
    assert "without a caption" in reason(with_caption(healthy_host(), None))
    assert len(reason(with_caption(healthy_host(), "Ж" * 4000 + "\\SQL01"))) < 300
