"""Whether two readings tell of the same time in the saved state, and what they know together."""

from collections.abc import Iterable
from datetime import timedelta

from msgspec import structs

from audits.judgement.episodes import Episode, EpisodeSource

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


def together(known: Episode, read: Episode) -> Episode:
    """What was known, and what this reading adds. A log that has lost a part since takes nothing away.

    The newest word on the window wins, as a window entered wrongly is put right later.
    """
    base = read if _is_from_jobs(known) and not _is_from_jobs(read) else known
    excluded = known if read.excluded_reason is None else read
    window = known if read.in_backup_window is None else read
    return structs.replace(
        base,
        vm=known.vm,
        restored_at=base.restored_at or known.restored_at or read.restored_at,
        source=known.source if known.source is read.source else EpisodeSource.BOTH,
        excluded_reason=excluded.excluded_reason,
        why_excluded=excluded.why_excluded,
        in_backup_window=window.in_backup_window,
        evidence_for_window=window.evidence_for_window,
        confidence=read.confidence,
        contradiction=read.contradiction or known.contradiction,
    )
