"""The third witness for every VM of a host: episodes out of events and jobs, and the word they add up to."""

from collections.abc import Sequence

from audits.judgement.episodes import BackupWindow, Observation
from audits.judgement.evidence import HostEvidence
from audits.judgement.words import Observed, Section


class EventWitness:
    """Asked once per VM. Building it costs one pass over the events."""

    def __init__(self, evidence: HostEvidence, backup_windows: Sequence[BackupWindow]) -> None:
        self._evidence = evidence
        self._windows = tuple(sorted(backup_windows))

    def observation_of(self, vm_id: str, name: str) -> Observation:
        return Observation(word=Observed.NOT_READ, reason=self._evidence.why_missing(Section.VM_EVENTS, "events"))
