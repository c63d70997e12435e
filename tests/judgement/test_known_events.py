"""The table of events: what it means by provider, id and build, and that the probe asks for exactly these."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from audits.judgement.episodes.known_events import (
    KNOWN_EVENTS,
    VMMS,
    WORKER,
    KnownEvent,
    Meaning,
    Source,
    known_event,
)
from audits.judgement.words import WindowsBuild

ROOT = Path(__file__).parents[2]
PROBE = files("audits.collect.probes").joinpath("vm_events.ps1").read_text(encoding="ascii")
# One line of the probe's table of providers: its name, and the second list on the line.
ASKED = re.compile(r"^        '([\w-]+)' = @\([^)]*\), @\(([\d, ]+)\)", re.MULTILINE)


def asked_ids() -> dict[str, set[int]]:
    return {provider: {int(each) for each in ids.split(",")} for provider, ids in ASKED.findall(PROBE)}


def test_the_probe_asks_for_exactly_the_events_of_the_table() -> None:
    known: dict[str, set[int]] = {}
    for event in KNOWN_EVENTS:
        known.setdefault(event.provider, set()).add(event.event_id)

    assert asked_ids() == known


@pytest.mark.parametrize("ids", asked_ids().values(), ids=asked_ids())
def test_no_query_has_more_ids_than_the_event_log_takes(ids: set[int]) -> None:
    assert len(ids) <= 20


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (WindowsBuild.SERVER_2008, "a disk could not be reverted"),
        (WindowsBuild.SERVER_2012, "a disk could not be reverted"),
        (WindowsBuild.SERVER_2012_R2, "no live backup without SCSI controller"),
        (WindowsBuild.SERVER_2025, "no live backup without SCSI controller"),
    ],
)
def test_an_id_that_was_used_again_means_what_it_means_on_that_build(build: int, words: str) -> None:
    known = known_event(VMMS, 10103, build)

    assert known is not None and known.words == words


def test_without_a_build_an_id_of_two_meanings_has_none() -> None:
    assert known_event(VMMS, 10103, None) is None
    assert known_event(WORKER, 18510, None) is not None


def test_the_same_number_of_another_provider_means_nothing() -> None:
    assert known_event(VMMS, 18510, WindowsBuild.SERVER_2022) is None
    assert known_event("Application", 18510, WindowsBuild.SERVER_2022) is None


def test_a_providers_name_is_compared_as_windows_does() -> None:
    known = known_event(WORKER.upper(), 18510, WindowsBuild.SERVER_2022)

    assert known is not None and known.meaning is Meaning.SAVED


def test_meanings_of_one_id_do_not_overlap() -> None:
    for event in KNOWN_EVENTS:
        same = [each for each in KNOWN_EVENTS if (each.provider, each.event_id) == (event.provider, event.event_id)]
        assert all(one.before <= two.since or two.before <= one.since for one in same for two in same if one is not two)


@pytest.mark.parametrize("event", [each for each in KNOWN_EVENTS if each.source is not Source.CONFIRMED], ids=str)
def test_every_meaning_that_microsoft_does_not_confirm_is_written_down_as_a_limit(event: KnownEvent) -> None:
    limits = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")

    assert re.search(rf"\b{event.event_id}\b", limits), f"{event.provider} {event.event_id}: {event.words}"
