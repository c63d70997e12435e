"""Causes of a save other than a backup: the host's shutdown, a move in the cluster, an applied checkpoint."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from audits.judgement.episodes.episode import LONGEST_PAUSE, Exclusion
from audits.judgement.episodes.known_events import KERNEL, Meaning
from audits.judgement.episodes.life_events import LifeEvent, is_settled
from audits.judgement.episodes.saved_pairs import SavedPair
from audits.judgement.episodes.timeline import Timeline
from audits.judgement.evidence.jobs import APPLY_CHECKPOINT, Job
from audits.judgement.moments import in_words, moment_of
from audits.judgement.words import Confidence

# Hyper-V saves one VM after the other before Windows ends, and writing hundreds of gigabytes of memory takes minutes:
# a shutdown that was asked for this long before a save may be its cause.
SHUTDOWN_LEAD = timedelta(minutes=10)
# The cluster writes its own log around the save and the restore, not between them to the second.
CLOCK_SLACK = timedelta(minutes=1)


_SHUTDOWN = (Meaning.HOST_STOPPING, Meaning.HOST_STARTED)


class Excluded(Struct, frozen=True):
    reason: Exclusion
    words: str
    confidence: Confidence


class Causes:
    """What is known of other causes on this host.

    `last_boot_at` None: not read. `clustered`: the VMs that a cluster may move. `reads_shutdowns`: whether the events
    of the host's own start and end were read.
    """

    def __init__(
        self,
        events: Iterable[LifeEvent],
        jobs: Sequence[Job],
        *,
        last_boot_at: datetime | None,
        clustered: frozenset[str],
        reads_shutdowns: bool,
    ) -> None:
        events = tuple(events)
        self._shutdowns = Timeline(event for event in events if event.meaning in _SHUTDOWN)
        self._moves = Timeline(event for event in events if event.meaning is Meaning.ROLE_MOVED)
        self._applied: dict[str, list[datetime]] = {}
        for job in jobs:
            at = moment_of(job.started_at)
            if job.job_type == APPLY_CHECKPOINT and job.vm_id and at is not None:
                self._applied.setdefault(job.vm_id.lower(), []).append(at)
        self._last_boot_at = last_boot_at
        self._clustered = clustered
        self._reads_shutdowns = reads_shutdowns

    def of(self, pair: SavedPair) -> Excluded | None:
        """The first cause that fits, or None."""
        return self._shutdown(pair) or self._checkpoint(pair) or self._migration(pair)

    def why_shutdown_not_known(self, pair: SavedPair) -> str | None:
        """Why it cannot be told whether the host shut down then; None where it can.

        A host that has run since before the save was not shut down, whatever its log says.
        """
        if self._reads_shutdowns or (self._last_boot_at is not None and self._last_boot_at < pair.saved_at):
            return None
        return "whether the host shut down then could not be read"

    def _shutdown(self, pair: SavedPair) -> Excluded | None:
        end = _end_of(pair)
        signs = [
            event
            for event in self._shutdowns.between(pair.saved_at - SHUTDOWN_LEAD, end)
            if event.at >= pair.saved_at
            or (event.meaning is Meaning.HOST_STOPPING and not self._was_over(event.at, pair))
        ]
        if signs:
            # The first one tells why; the kernel's own word makes it sure.
            is_sure = any(event.known.provider == KERNEL for event in signs)
            sure = Confidence.HIGH if is_sure else Confidence.MEDIUM
            return Excluded(Exclusion.HOST_SHUTDOWN, _said(signs[0]), sure)
        booted = self._last_boot_at
        if booted is not None and pair.saved_at <= booted <= end:
            return Excluded(Exclusion.HOST_SHUTDOWN, f"the host started at {in_words(booted)}", Confidence.HIGH)
        return None

    def _was_over(self, stopping_at: datetime, pair: SavedPair) -> bool:
        """Whether a shutdown before the save cannot be its cause: Windows had started again by then, or has run since
        before the save, so that what was asked for never came. A VM that was not restored may still wait for it.
        """
        if any(event.meaning is Meaning.HOST_STARTED for event in self._shutdowns.between(stopping_at, pair.saved_at)):
            return True
        booted = self._last_boot_at
        return booted is not None and booted < pair.saved_at and pair.restored_at is not None

    def _checkpoint(self, pair: SavedPair) -> Excluded | None:
        if pair.stopped_between:
            words = "the VM was turned off in between, so what was restored is the state of a checkpoint"
            return Excluded(Exclusion.CHECKPOINT_APPLIED, words, Confidence.MEDIUM)
        for at in self._applied.get(pair.vm_id, ()):
            if pair.saved_at - CLOCK_SLACK <= at <= _end_of(pair) + CLOCK_SLACK:
                words = f"a checkpoint was applied at {in_words(at)}"
                return Excluded(Exclusion.CHECKPOINT_APPLIED, words, Confidence.HIGH)
        return None

    def _migration(self, pair: SavedPair) -> Excluded | None:
        if pair.vm_id not in self._clustered:
            return None
        for event in self._moves.between(pair.saved_at - CLOCK_SLACK, _end_of(pair) + CLOCK_SLACK):
            sure = Confidence.MEDIUM if is_settled(event.known) else Confidence.LOW
            return Excluded(Exclusion.QUICK_MIGRATION, _said(event), sure)
        return None


def _end_of(pair: SavedPair) -> datetime:
    """Where nothing was restored, causes are looked for within the longest pause of a backup."""
    return pair.restored_at or pair.saved_at + LONGEST_PAUSE


def _said(event: LifeEvent) -> str:
    return f"{event.known.words} at {in_words(event.at)} ({event.known.provider} {event.known.event_id})"
