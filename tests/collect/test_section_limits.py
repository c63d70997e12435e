"""A section over its time is said to have timed out, after how many seconds, whoever ended it."""

import re

import pytest

from audits.collect.winrm import Deadlines
from audits.judgement.evidence import Gap
from audits.judgement.words import Section, SectionStatus
from simulator import faults
from simulator.fleet import SimulatedFleet
from tests.collect.simulated import REQUEST, audit, target_of
from tests.judgement.hosts import healthy_host, with_gap

IMPATIENT = Deadlines(
    soft_seconds=2, hard_seconds=3.5, connect_seconds=1, answer_seconds=1.5, poll_seconds=1, cleanup_seconds=1
)


def test_the_section_that_hangs_is_named_and_those_behind_it_did_not_arrive(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.HangingScript(6))
    shown: list[Section] = []
    collected = audit(
        target_of(fleet, "HV01", deadlines=IMPATIENT), on_section=lambda section: shown.append(section.section)
    )
    hung, behind = REQUEST.sections[6], REQUEST.sections[7]
    reading = collected.evidence.readings[hung]
    assert reading.status is SectionStatus.TIMED_OUT
    assert re.fullmatch(r"timed out after \d+ s, when the deadline of the audit passed", reading.reason or "")
    assert re.fullmatch(rf"section {hung}: timed out after \d+ s, .*", collected.evidence.why_missing(hung))
    assert collected.evidence.why_missing(behind) == f"section {behind} did not arrive"
    assert shown == list(REQUEST.sections[:7])


def test_a_host_that_sent_nothing_is_not_said_to_hang_in_a_section(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.HangingScript(0))
    assert audit(target_of(fleet, "HV01", deadlines=IMPATIENT)).evidence.readings == {}


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ("after 61 s", "images: timed out after 61 s"),
        ("no time left", "images: timed out (no time left)"),
        (None, "images: timed out"),
    ],
)
def test_a_list_that_was_given_up_says_after_how_long(detail: str | None, told: str) -> None:
    host = with_gap(healthy_host(), Section.VMS, Gap(what="images", why="timed_out", detail=detail))
    assert host.why_missing(Section.VMS, "images") == told
