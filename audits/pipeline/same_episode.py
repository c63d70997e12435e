"""Whether two readings tell of the same time in the saved state, and what they know together."""

from collections.abc import Iterable
from datetime import timedelta

from msgspec import structs

from audits.judgement.episodes.episode import Episode, EpisodeSource, Exclusion

# A job's clock and the event's stand for the begin and the end of the same save, which takes seconds.
APART_AT_MOST = timedelta(seconds=60)


class KnownEpisodes:
    """The stored episodes of one VM, to be asked for each one that was read."""

    def __init__(self, episodes: Iterable[Episode]) -> None:
        self._by_key: dict[str, Episode] = {}
        self._from_jobs: list[Episode] = []
        self._from_events: list[Episode] = []
        for episode in episodes:
            self._by_key[episode.key] = episode
            (self._from_jobs if _is_from_jobs(episode) else self._from_events).append(episode)

    def same_as(self, read: Episode) -> Episode | None:
        """The one that `read` tells of again; None: it is new.

        The same second of the save is the same episode. What is told by events and by jobs is the same where the two
        overlap, as a VM cannot be saved twice at once.
        """
        if (known := self._by_key.get(read.key)) is not None:
            return known
        others = self._from_events if _is_from_jobs(read) else self._from_jobs
        return next((episode for episode in others if _overlap(episode, read)), None)


def _is_from_jobs(episode: Episode) -> bool:
    return episode.source is EpisodeSource.JOBS


def _overlap(one: Episode, other: Episode) -> bool:
    one_until = (one.restored_at or one.saved_at) + APART_AT_MOST
    other_until = (other.restored_at or other.saved_at) + APART_AT_MOST
    return one.saved_at <= other_until and other.saved_at <= one_until


def together(known: Episode, read: Episode, *, windows_changed: bool) -> Episode:
    """What was known, and what this reading adds. A log that has lost a part since takes nothing away.

    Whether a backup ran at the time is a question of evidence that fades, so a yes stays; but where the customer's
    windows were entered anew since, the new answer counts. That nothing showed a backup is the lack of such a yes and
    goes with it; what excluded a save by an event of its own stays.
    """
    base = read if _is_from_jobs(known) and not _is_from_jobs(read) else known
    keeps_window = (known.in_backup_window is True or read.in_backup_window is None) and not windows_changed
    window = known if keeps_window else read
    excluded = next((each for each in (read, known) if _is_excluded_by_an_event(each)), window)
    return structs.replace(
        base,
        vm=known.vm,
        restored_at=base.restored_at or known.restored_at or read.restored_at,
        source=known.source if known.source is read.source else EpisodeSource.BOTH,
        excluded_reason=excluded.excluded_reason,
        why_excluded=excluded.why_excluded,
        in_backup_window=window.in_backup_window,
        evidence_for_window=window.evidence_for_window,
        confidence=window.confidence if excluded is window else excluded.confidence,
        doubt=None if known.is_proof or read.is_proof else read.doubt,
        contradiction=read.contradiction or known.contradiction,
    )


def _is_excluded_by_an_event(episode: Episode) -> bool:
    return episode.excluded_reason not in (None, Exclusion.MANUAL_SAVE)
