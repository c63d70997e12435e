"""HOST-VSSERR: no errors of VSS, volsnap or Hyper-V's management service were logged lately."""

from collections.abc import Iterator

from audits.judgement.evidence import VssEvents
from audits.judgement.evidence.vss_events import EventCount
from audits.judgement.moments import moment_of
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import EVERY_HOST, rule
from audits.judgement.unconfirmed import NOTHING, Unconfirmed
from audits.judgement.view import HostView
from audits.judgement.words import Confidence, Scope, Section, Severity, WindowsBuild

VSS, VOLSNAP, VMMS, DISK, NTFS = "vss", "volsnap", "microsoft-windows-hyper-v-vmms", "disk", "ntfs"

# The same id means different things in different logs and versions: the key is provider and id, and the build where
# it matters. Informational ids are only noted; all others are warnings but for one.
WARNINGS = {
    VSS: frozenset({8193, 8229, 12293, 12298, 12305, 12340, 12366}),
    VOLSNAP: frozenset({4, 5, 6, 8, 9, 15, 21, 24, 36}),
    VMMS: frozenset({10103, 10107, 10111, 10150, 19100}),
    DISK: frozenset({9, 39, 51, 55, 129}),
    NTFS: frozenset({9, 39, 51, 55, 129}),
}
UNCONFIRMED = {(VSS, 12298), (VSS, 12305), (VSS, 12340), (VOLSNAP, 36), (VMMS, 10107), (VMMS, 10150)}
NOTES = {VSS: frozenset({8194, 12289}), VOLSNAP: frozenset({33})}
# Shadow copies were deleted because their storage could not grow in time: the next backup is likely to lose its own.
COPIES_LOST = (VOLSNAP, 25)
RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


@rule(
    id="HOST-VSSERR",
    title="No recent errors of VSS, volsnap or Hyper-V management are logged",
    scope=Scope.HOST,
    severity=Severity.WARNING,
    needs=(Section.VSS_EVENTS,),
    applies_to=EVERY_HOST,
    sources=("MS-TSBKP", "MS-VOLSNAP", "MS-VSSEV", "KB312067", "KB3098315", "KB4230569", "WORKHARD", "MS-10103"),
    unconfirmed=(
        Unconfirmed(
            "What VSS 12298, 12305 and 12340, volsnap 36, and VMMS 10107 and 10150 mean, and which numbers the VMMS "
            "events of each build have until a host's own manifest was read (lab question Q6).",
            weakens=NOTHING,
        ),
    ),
    fix="F19",
)
def no_recent_errors(host: HostView) -> Iterator[Statement]:
    """Errors of shadow copies and checkpoints tell why earlier backups failed and that the next may. They are counted
    by provider and number, never by their localised text. Silence proves something only when the logs reach back over
    the whole window: small logs wrap within days on a busy host.
    """
    events = host.evidence.vss_events
    if events is None or events.counts is None:
        yield unknown(host, host.why(Section.VSS_EVENTS, "counts"))
        return
    seen: list[str] = []
    worst = Severity.INFO
    confidence = Confidence.LOW
    for count in events.counts:
        severity = _severity(count)
        if severity is not None and count.count > 0:
            worst = max(worst, severity, key=RANK.__getitem__)
            if (count.provider.lower(), count.event_id) not in UNCONFIRMED:
                confidence = Confidence.HIGH
            seen.append(f"{count.provider} {count.event_id} × {count.count}{_meaning(host.build, count)}")
    if seen:
        yield failed(host, measured="; ".join(seen), severity=worst, confidence=confidence)
    elif (gap := _why_silence_proves_nothing(host, events)) is not None:
        yield unknown(host, gap)
    else:
        yield passed(host)


def _severity(count: EventCount) -> Severity | None:
    provider = count.provider.lower()
    if (provider, count.event_id) == COPIES_LOST:
        return Severity.CRITICAL
    if count.event_id in WARNINGS.get(provider, ()):
        return Severity.WARNING
    return Severity.INFO if count.event_id in NOTES.get(provider, ()) else None


def _meaning(build: int | None, count: EventCount) -> str:
    if count.event_id != 10103 or build is None:
        return ""
    return " (no SCSI controller)" if build >= WindowsBuild.SERVER_2012_R2 else " (a disk could not be reverted)"


def _why_silence_proves_nothing(host: HostView, events: VssEvents) -> str | None:
    if events.truncated:
        return "there were more events than were read"
    start = moment_of(events.window_from)
    if not events.logs or start is None:
        return host.why(Section.VSS_EVENTS, "logs")
    for log in events.logs:
        if log.readable is False:
            return f"the log {log.log} could not be read"
        oldest = moment_of(log.oldest_at)
        if log.record_count != 0 and oldest is None:
            return f"how far the log {log.log} reaches back is not known"
        if oldest is not None and oldest > start:
            return f"the log {log.log} does not reach back over the whole window"
    return None
