"""From when on a host's event log shows every save of a VM: what a night without a pause is worth."""

from datetime import datetime

from audits.judgement.episodes.known_events import WORKER, WORKER_LOG
from audits.judgement.episodes.life_events import why_ids_are_doubted
from audits.judgement.evidence import HostEvidence
from audits.judgement.moments import moment_of


def covered_since(evidence: HostEvidence) -> datetime | None:
    """The oldest moment of the worker's log, or of the look-back where the log reaches further.

    None: not read whole, or not to be trusted, so silence says nothing at all.
    """
    section = evidence.vm_events
    if section is None or section.events is None or why_ids_are_doubted(section) is not None:
        return None
    source = next((each for each in section.sources or () if each.provider.lower() == WORKER.lower()), None)
    if source is None or not source.read or source.truncated is not False:
        return None
    log = next((each for each in section.logs or () if each.log.lower() == WORKER_LOG.lower()), None)
    asked_from = moment_of(section.window_from)
    oldest = moment_of(log.oldest_at) if log is not None and log.readable is not False else None
    return None if asked_from is None or oldest is None else max(asked_from, oldest)
