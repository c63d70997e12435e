"""G-WRITERS: the VSS writers inside the guest are healthy."""

from collections.abc import Iterator

from audits.judgement.evidence.guests import GuestEvent, GuestReading
from audits.judgement.inside_guest import judge_windows_guests, why_unread
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.unconfirmed import FAILURES, Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Confidence, Scope, Section, Severity

# Below it a writer is stable or in the middle of something; 5, waiting for completion, is normal after a backup.
FIRST_FAILED = 6
# Provider Microsoft-Windows-Hyper-V-Guest-Drivers-IcSvc. The snapshot could not be made:
ERRORS = frozenset({*range(1, 8), 24})
# ... this version cannot be backed up live, and a named writer reported a problem:
WARNINGS = frozenset({22, 23})


@rule(
    id="G-WRITERS",
    title="The VSS writers inside the guest are healthy",
    scope=Scope.VM,
    severity=Severity.WARNING,
    needs=(Section.VMS, Section.GUESTS),
    sources=("MS-VSSENUM", "ICSVC", "MS-TSBKP"),
    unconfirmed=(
        Unconfirmed(
            "What the events of the guest's backup service mean: their numbers are Microsoft's, the meanings come "
            "from a third party's table.",
            weakens=FAILURES,
            at_most=Confidence.MEDIUM,
        ),
    ),
    fix="F19",
)
def guest_writers_are_healthy(host: HostView) -> Iterator[Statement]:
    """A writer inside the guest that failed, as a database's, makes the guest's snapshot fail, and the guest's backup
    service then logs why. A writer that waits for completion is healthy. States and events are read by number.
    """
    yield from judge_windows_guests(host, _judge)


def _judge(host: HostView, vm: VMView, inside: GuestReading) -> Statement:
    bad = [writer for writer in inside.writers or () if writer.state is not None and writer.state >= FIRST_FAILED]
    seen = [event for event in inside.events or () if event.count > 0 and event.event_id in ERRORS | WARNINGS]
    if bad or seen:
        told = [f"{writer.name or writer.writer_id}: state {writer.state}" for writer in bad]
        told += [f"backup service event {event.event_id} × {event.count}" for event in seen]
        return failed(vm, measured="; ".join(told), severity=_severity(seen))
    if not inside.writers:
        return unknown(vm, why_unread(inside, "writers"))
    if any(writer.state is None for writer in inside.writers):
        return unknown(vm, why_unread(inside, "writers.state"))
    if inside.events is None:
        return unknown(vm, why_unread(inside, "events"))
    return passed(vm)


def _severity(seen: list[GuestEvent]) -> Severity:
    return Severity.CRITICAL if any(event.event_id in ERRORS for event in seen) else Severity.WARNING
