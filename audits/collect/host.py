"""One host, from connecting to evidence and an ending: what the pipeline calls."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from time import monotonic

from audits.collect.causes import ending_from
from audits.collect.ending import EXPECTED_SECTIONS, Ending, ending_of
from audits.collect.guest_round import GuestRound, PlanGuests
from audits.collect.sections import (
    DecodedSection,
    SectionTooLarge,
    SectionUnreadable,
    assemble,
    decode_section,
    unreadable_section,
)
from audits.collect.winrm import ProbeRequest, Secret, Target, Watchdog, read_sections
from audits.judgement.evidence import HostEvidence
from audits.judgement.outcomes import Outcome
from audits.judgement.words import Section, SectionStatus


@dataclass(frozen=True, slots=True)
class Collected:
    """`sections` in order of arrival, each name once; `evidence` is the same as the rules see it."""

    sections: tuple[DecodedSection, ...]
    evidence: HostEvidence
    ending: Ending


def collect_host(
    target: Target,
    secret: Secret,
    request: ProbeRequest,
    *,
    guard: Callable[[str], Sequence[str]],
    watchdog: Watchdog,
    expected: Collection[Section] = EXPECTED_SECTIONS["administrator"],
    on_section: Callable[[DecodedSection], None] = lambda section: None,
    should_stop: Callable[[], bool] = lambda: False,
    plan_guests: PlanGuests | None = None,
) -> Collected:
    """Audit one host. Whatever the host does becomes the ending; what `on_section` or `should_stop` raises comes out.

    `guard` is `AddressGuard(...).check`. `on_section` is called as each section arrives, so that an audit that breaks
    off keeps what it had; `should_stop` is asked before each answer, at least every `poll_seconds`. `plan_guests` is
    asked once, when the host has been read, which of its guests to ask; no guest changes how the host's audit ends.
    Takes as long as the host does, at most the target's hard deadline.
    """
    arrived: dict[Section, DecodedSection] = {}
    failure: Ending | None = None
    last_at = monotonic()
    guests = GuestRound(target, request, plan_guests, lambda: assemble(arrived.values()))
    reading = read_sections(
        target, secret, guests.first_request, guard=guard, watchdog=watchdog, follow_up=guests.follow_up
    )
    with closing(reading) as stream:
        while True:
            if should_stop():
                failure = Ending(Outcome.CANCELLED, "cancelled_by_user", f"stopped after {len(arrived)} sections")
                break
            try:
                section = _decoded(next(stream))
            except StopIteration:
                break
            except Exception as error:  # noqa: BLE001 - one host's fault, whatever it is, becomes its stored ending
                if guests.has_begun:
                    guests.fail(error)
                    break
                failure = failure or ending_from(error, secret=secret.value)
                if not isinstance(error, SectionUnreadable) or isinstance(error, SectionTooLarge):
                    hung = _section_under_way(guests.first_request.sections, arrived, failure, monotonic() - last_at)
                    if hung is not None:
                        arrived[hung.section] = hung
                        on_section(hung)
                    break
                section = unreadable_section(error)
            if section is not None and section.section not in arrived and not guests.takes(section):
                arrived[section.section] = section
                last_at = monotonic()
                on_section(section)
    if failure is None or failure.outcome is not Outcome.CANCELLED:
        section = guests.finish(guard, watchdog, should_stop)
        if section is not None:
            arrived[Section.GUESTS] = section
            on_section(section)
    evidence = assemble(arrived.values())
    asked = [section for section in request.sections if section in expected]
    return Collected(tuple(arrived.values()), evidence, ending_of(evidence, failure, asked))


def _section_under_way(
    asked: Sequence[Section], arrived: Mapping[Section, DecodedSection], failure: Ending, seconds: float
) -> DecodedSection | None:
    """The section that the host was reading when the deadline passed: a cmdlet that hangs cannot say so itself."""
    missing = next((section for section in asked if section not in arrived), None)
    if failure.code != "deadline_passed" or missing is None or not arrived:
        return None
    reason = f"timed out after {seconds:.0f} s, when the deadline of the audit passed"
    return DecodedSection(
        section=missing,
        status=SectionStatus.TIMED_OUT,
        probe_version=next((section.probe_version for section in arrived.values()), ""),
        reason=reason,
        duration_seconds=round(seconds, 3),
    )


def _decoded(text: str | None) -> DecodedSection | None:
    return None if text is None else decode_section(text)
