"""Whether silence of the event log says anything: only when it was read whole and reaches back over the look-back."""

from collections.abc import Iterable

from audits.judgement.episodes.known_events import KERNEL, WORKER, WORKER_LOG
from audits.judgement.episodes.life_events import LifeEvent, why_ids_are_doubted
from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.vm_events import VmEvents
from audits.judgement.moments import in_words, moment_of
from audits.judgement.words import Section


def why_silence_proves_nothing(evidence: HostEvidence, life: Iterable[LifeEvent]) -> str | None:
    """In words, why a VM without a save in the log may have been saved; None where the log shows its whole look-back.

    A log is about 1 MB by default and overwrites its oldest events; an empty one may have been cleared.
    """
    section = evidence.vm_events
    if section is None or section.events is None:
        return evidence.why_missing(Section.VM_EVENTS, "events")
    source = next((each for each in section.sources or () if each.provider.lower() == WORKER.lower()), None)
    if source is None or not source.read:
        return evidence.why_missing(Section.VM_EVENTS, "sources")
    if source.truncated is not False:
        return "there were more events of VMs than were read"
    doubt = why_ids_are_doubted(section)
    return doubt if doubt is not None else _why_too_short(section, life)


def reads_shutdowns(section: VmEvents | None) -> bool:
    """Whether the kernel's own events of start and end were read; all others only repeat them."""
    sources = (section.sources or ()) if section else ()
    return any(each.read and each.truncated is False and each.provider.lower() == KERNEL.lower() for each in sources)


def _why_too_short(section: VmEvents, life: Iterable[LifeEvent]) -> str | None:
    start = moment_of(section.window_from)
    if start is None or section.logs is None:
        return "how far the log of the VMs reaches back is not known"
    logs = {each.log.lower(): each for each in section.logs}
    # Whatever other log such events were found in must reach as far.
    names = {WORKER_LOG} | {each.log for each in life if each.known.provider == WORKER and each.log}
    for name in sorted(names):
        log = logs.get(name.lower())
        if log is None or log.readable is False:
            return f"the log {name} could not be read"
        oldest = moment_of(log.oldest_at)
        if oldest is None:
            empty = log.record_count == 0
            return f"the log {name} is empty" if empty else f"how far the log {name} reaches back is not known"
        if oldest > start:
            return f"the log {name} reaches back to {in_words(oldest)} only, not to {in_words(start)}"
    return None
