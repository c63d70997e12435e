"""The third witness for every VM of a host: episodes out of events and jobs, and the word they add up to.

An uptime that began again is no evidence: an ordinary backup on 2012 R2 changes it and saves nothing (KB2981479).
"""

from collections.abc import Collection, Iterable, Sequence

from audits.judgement.confidence import least
from audits.judgement.episodes.episode import BackupWindow, Episode, EpisodeSource, Exclusion, Observation
from audits.judgement.episodes.exclusions import Causes, Excluded
from audits.judgement.episodes.job_pairs import is_same_save, job_pairs
from audits.judgement.episodes.life_events import confidence_in_ids, life_events
from audits.judgement.episodes.reach import reads_shutdowns, why_silence_proves_nothing
from audits.judgement.episodes.saved_pairs import SavedPair, saved_pairs
from audits.judgement.episodes.windows import Windows
from audits.judgement.evidence import HostEvidence
from audits.judgement.moments import in_words, length_in_words, moment_of
from audits.judgement.words import Confidence, Observed, Section


class EventWitness:
    """Asked once per VM. Building it costs one pass over the events, about 1 ms per thousand."""

    def __init__(self, evidence: HostEvidence, backup_windows: Sequence[BackupWindow]) -> None:
        self._evidence = evidence
        section = evidence.vm_events
        identity = evidence.identity
        jobs = (evidence.jobs.jobs or ()) if evidence.jobs else ()
        events = (section.events or ()) if section else ()
        self._life = life_events(events, identity.os_build if identity else None)
        self._why_silent = why_silence_proves_nothing(evidence, self._life)
        self._sure_of_ids = confidence_in_ids(section) if section else Confidence.MEDIUM
        self._clustered = _clustered(evidence)
        self._causes = Causes(
            self._life,
            jobs,
            last_boot_at=moment_of(identity.last_boot_at if identity else None),
            clustered=self._clustered,
            reads_shutdowns=reads_shutdowns(section),
        )
        self._sources = _told_by(saved_pairs(self._life), job_pairs(jobs))
        self._excluded = {pair: self._causes.of(pair) for pair in self._sources}
        unexplained = [pair for pair, cause in self._excluded.items() if cause is None]
        self._windows = Windows(tuple(sorted(backup_windows)), self._life, unexplained)
        self._by_vm: dict[str, list[SavedPair]] = {}
        for pair in self._sources:
            self._by_vm.setdefault(pair.vm_id, []).append(pair)

    def observation_of(self, vm_id: str, name: str) -> Observation:
        """The word for one VM. `vm_id` in lower case."""
        pairs = sorted(self._by_vm.get(vm_id, ()), key=lambda pair: pair.saved_at)
        episodes = tuple(self._episode(pair, name) for pair in pairs)
        word, reason = self._word(episodes)
        if word is Observed.NONE_SEEN and vm_id in self._clustered:
            reason += "; this is the log of this node alone, and the VM may have been on another one"
        return Observation(word=word, reason=reason, episodes=episodes)

    def of_others(self, here: Collection[str]) -> tuple[Episode, ...]:
        """What this host's log tells of VMs that are not `here`, as moved to another node since, named by their ids."""
        return tuple(self._episode(pair, pair.vm_id) for pair in self._sources if pair.vm_id not in here)

    def _episode(self, pair: SavedPair, name: str) -> Episode:
        source = self._sources[pair]
        sure = Confidence.HIGH if source is not EpisodeSource.EVENTS else self._sure_of_ids
        window = self._windows.evidence_for(pair)
        excluded = self._excluded[pair]
        doubt = None
        if excluded is None and window is None:
            excluded = self._by_hand()
        elif excluded is None:
            doubt = self._causes.why_shutdown_not_known(pair)
        decisive = excluded or window
        assert decisive is not None
        outside = False if self._windows.are_set else None
        return Episode(
            vm_id=pair.vm_id,
            vm=name,
            saved_at=pair.saved_at,
            restored_at=pair.restored_at,
            excluded_reason=excluded.reason if excluded else None,
            why_excluded=excluded.words if excluded else None,
            in_backup_window=True if window else outside,
            evidence_for_window=window.words if window else None,
            confidence=least(sure, decisive.confidence),
            source=source,
            doubt=doubt,
            contradiction=self._contradiction(pair, source),
        )

    def _by_hand(self) -> Excluded:
        """No window and no other sign: somebody saved it, for all that is known. Surer where the windows are known."""
        outside = "outside every backup window, and " if self._windows.are_set else ""
        words = f"{outside}nothing on the host shows a backup at that time"
        return Excluded(Exclusion.MANUAL_SAVE, words, Confidence.MEDIUM if self._windows.are_set else Confidence.LOW)

    def _contradiction(self, pair: SavedPair, source: EpisodeSource) -> str | None:
        """A job that the log should have an event of, and has not."""
        section = self._evidence.vm_events
        read_until = moment_of(section.window_to) if section else None
        if source is not EpisodeSource.JOBS or self._why_silent is not None or read_until is None:
            return None
        if pair.saved_at > read_until:
            return None  # it happened after the log was read
        return "a job of Hyper-V says that the VM was saved, the event log has no such event"

    def _word(self, episodes: tuple[Episode, ...]) -> tuple[Observed, str]:
        proofs = [episode for episode in episodes if episode.is_proof]
        if proofs:
            return Observed.SAVED, _proven(proofs)
        if self._evidence.vm_events is None and not episodes:
            return Observed.NOT_READ, self._evidence.why_missing(Section.VM_EVENTS)
        open_question = next(filter(None, (_open_question(episode) for episode in reversed(episodes))), None)
        if open_question is not None:
            return Observed.UNKNOWN, open_question
        if self._why_silent is not None:
            return Observed.UNKNOWN, self._why_silent
        return Observed.NONE_SEEN, self._nothing_seen(episodes)

    def _nothing_seen(self, episodes: tuple[Episode, ...]) -> str:
        section = self._evidence.vm_events
        start = moment_of(section.window_from) if section else None
        since = f" since {in_words(start)}" if start else ""
        if not episodes:
            return f"no save was logged{since}"
        last = episodes[-1]
        return f"no save by a backup was logged{since}; {_told(last)}, but {last.why_excluded}"


def _told_by(logged: Iterable[SavedPair], listed: Iterable[SavedPair]) -> dict[SavedPair, EpisodeSource]:
    """Every save once, with who told of it. The event log's times are kept: they stay, and jobs are gone in minutes."""
    sources = dict.fromkeys(logged, EpisodeSource.EVENTS)
    by_vm: dict[str, list[SavedPair]] = {}
    for pair in sources:
        by_vm.setdefault(pair.vm_id, []).append(pair)
    for job in listed:
        same = next((pair for pair in by_vm.get(job.vm_id, ()) if is_same_save(pair, job)), None)
        if same is None:
            sources[job] = EpisodeSource.JOBS
        else:
            sources[same] = EpisodeSource.BOTH
    return sources


def _open_question(episode: Episode) -> str | None:
    """Why an episode that proves nothing leaves the question open; None where it is explained."""
    if episode.excluded_reason is Exclusion.MANUAL_SAVE and episode.in_backup_window is None:
        return f"{_told(episode)}; {episode.why_excluded}, and no backup window is set"
    if episode.excluded_reason is not None:
        return None
    if episode.doubt is not None:
        return f"{_told(episode)}, {episode.evidence_for_window}; {episode.doubt}"
    if episode.restored_at is None:
        return f"{_told(episode)}, {episode.evidence_for_window}; it was not restored since"
    return f"{_told(episode)}, {episode.evidence_for_window}; that is longer than the pause of a backup"


def _told(episode: Episode) -> str:
    length = episode.restored_at - episode.saved_at if episode.restored_at else None
    return f"was saved {in_words(episode.saved_at)}" + (f" for {length_in_words(length)}" if length else "")


def _proven(proofs: list[Episode]) -> str:
    """The latest one; how often it happened; and what says that a backup ran."""
    last = proofs[-1]
    times = f" ({len(proofs)} times since {in_words(proofs[0].saved_at)})" if len(proofs) > 1 else ""
    against = f"; {last.contradiction}" if last.contradiction else ""
    return f"{_told(last)}{times}, {last.evidence_for_window}{against}"


def _clustered(evidence: HostEvidence) -> frozenset[str]:
    rows = (evidence.vms.vms or ()) if evidence.vms else ()
    groups = (evidence.cluster.groups or ()) if evidence.cluster else ()
    return frozenset({vm.vm_id.lower() for vm in rows if vm.is_clustered}) | frozenset(
        {group.vm_id.lower() for group in groups if group.vm_id}
    )
