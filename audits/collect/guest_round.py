"""After a host was read: its guests are asked, and whatever becomes of that is one more section and nothing else."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace

from audits.collect.causes import ending_from
from audits.collect.ending import Ending
from audits.collect.guest_plan import SECONDS_KEPT, GuestPlan, NetworkGuest
from audits.collect.guests import GuestAnswer, reading_from
from audits.collect.probes import guest_script
from audits.collect.sections import DecodedSection, section_of
from audits.collect.winrm import Deadlines, GuestRequest, ProbeRequest, Target, Watchdog, read_sections
from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.guests import GuestReading, Guests
from audits.judgement.outcomes import Outcome
from audits.judgement.words import Section, SectionStatus

PlanGuests = Callable[[HostEvidence], GuestPlan]


class GuestRound:
    """The guests of one host in one audit.

    Without `plan_guests` nobody gave access, and the host's own probe says so. With it the host is first asked for
    everything else, so that a secret leaves only for guests which this very host has just shown to be there.
    """

    def __init__(
        self,
        host: Target,
        request: ProbeRequest,
        plan_guests: PlanGuests | None,
        read_so_far: Callable[[], HostEvidence],
    ) -> None:
        self._until = time.monotonic() + host.deadlines.soft_seconds
        self._request = request
        self._plan_guests = plan_guests if Section.GUESTS in request.sections else None
        self._read_so_far = read_so_far
        self._plan: GuestPlan | None = None
        self._from_host: DecodedSection | None = None
        self._failure: Ending | None = None

    @property
    def first_request(self) -> ProbeRequest:
        if self._plan_guests is None:
            return self._request
        return replace(self._request, sections=tuple(each for each in self._request.sections if each != Section.GUESTS))

    def follow_up(self, seconds_left: float) -> ProbeRequest | None:
        """Called when the host has said all else; what to ask it about its guests."""
        if self._plan_guests is None:
            return None
        try:
            self._plan = self._plan_guests(self._read_so_far())
        except Exception as error:  # noqa: BLE001 - whatever keeps us from asking guests, the host has been read
            self._plan, self._failure = GuestPlan(), ending_from(error)
            return None
        return self._plan.request(self._request, seconds_left)

    @property
    def has_begun(self) -> bool:
        """From here on a failure concerns guests only: the host itself has been read."""
        return self._plan is not None

    def takes(self, section: DecodedSection) -> bool:
        """Whether this is the host's answer about its guests, which is kept until the round is over."""
        if not self.has_begun or section.section is not Section.GUESTS:
            return False
        self._from_host = self._from_host or section
        return True

    def fail(self, error: Exception) -> None:
        """Asking the host about its guests broke off."""
        assert self._plan is not None
        ending = ending_from(error)
        detail = ending.detail
        for guest in self._plan.direct:
            detail = detail.replace(guest.credential.secret.value, "[secret]")
        self._failure = replace(ending, detail=detail)

    def finish(
        self,
        guard: Callable[[str], Sequence[str]],
        watchdog: Watchdog,
        should_stop: Callable[[], bool],
    ) -> DecodedSection | None:
        """Ask the guests that are signed in to by themselves, and put all answers together. None: nothing was begun."""
        if self._plan is None:
            return None
        if self._plan.is_empty and self._failure is not None:
            reason = f"guests were not asked: {self._failure.detail}"
            return DecodedSection(section=Section.GUESTS, status=SectionStatus.ERROR, probe_version="", reason=reason)
        if self._plan.is_empty:
            return DecodedSection(
                section=Section.GUESTS, status=SectionStatus.SKIPPED, probe_version="", reason=self._plan.why_none
            )
        from_network = [self._ask(guest, guard, watchdog, should_stop) for guest in self._plan.network]
        readings = (*self._direct_readings(), *from_network, *self._plan.left_out)
        return section_of(self._from_host, Guests(guests=readings))

    def _direct_readings(self) -> list[GuestReading]:
        """One for every guest that the host was asked for, in that order; others it speaks of are left out."""
        assert self._plan is not None
        told = self._from_host.data if self._from_host else None
        answered = {each.vm_id: each for each in (told.guests or ())} if isinstance(told, Guests) else {}
        return [answered.get(guest.vm_id) or self._unanswered(guest.vm_id) for guest in self._plan.direct]

    def _unanswered(self, vm_id: str) -> GuestReading:
        status, reason = "error", "the host said nothing about this guest"
        if self._failure is not None:
            status = _status_of(self._failure)
            reason = f"{self._failure.code}: {self._failure.detail}"
        elif self._from_host is not None and self._from_host.status is not SectionStatus.OK:
            status, reason = str(self._from_host.status), self._from_host.reason or reason
        return GuestReading(vm_id=vm_id, channel="powershell_direct", status=status, reason=reason)

    def _ask(
        self,
        guest: NetworkGuest,
        guard: Callable[[str], Sequence[str]],
        watchdog: Watchdog,
        should_stop: Callable[[], bool],
    ) -> GuestReading:
        started = time.monotonic()

        def answered(status: str, reason: str | None = None, answer: str | None = None) -> GuestReading:
            spent = int((time.monotonic() - started) * 1000)
            told = GuestAnswer(
                vm_id=guest.vm_id, channel="winrm", status=status, reason=reason, duration_ms=spent, answer=answer
            )
            return reading_from(told)

        left = self._until - started - SECONDS_KEPT
        if left < 1 or should_stop():
            return answered("timed_out", "no time left")
        target = replace(guest.target, deadlines=_within(guest.target.deadlines, left))
        try:
            asked = read_sections(target, guest.secret, GuestRequest(guest_script()), guard=guard, watchdog=watchdog)
            with closing(asked) as stream:
                text = next((text for text in stream if text is not None), None)
        except Exception as error:  # noqa: BLE001 - one guest's fault, whatever it is, becomes its reading
            ending = ending_from(error, secret=guest.secret.value)
            return answered(_status_of(ending), f"{ending.code}: {ending.detail}")
        return answered("ok", answer=text)


def _status_of(ending: Ending) -> str:
    return {Outcome.DENIED: "denied", Outcome.TIMED_OUT: "timed_out"}.get(ending.outcome, "error")


def _within(deadlines: Deadlines, seconds: float) -> Deadlines:
    """The guest's own deadlines, but no longer than what the host's audit has left."""
    return replace(
        deadlines,
        soft_seconds=min(deadlines.soft_seconds, seconds),
        hard_seconds=min(deadlines.hard_seconds, seconds + deadlines.cleanup_seconds),
    )
