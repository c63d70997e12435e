"""What puts a save inside a backup: a window somebody set, a backup's own events, or several VMs saved at once."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

from msgspec import Struct

from audits.judgement.episodes.episode import LONGEST_PAUSE, BackupWindow
from audits.judgement.episodes.known_events import Meaning
from audits.judgement.episodes.life_events import LifeEvent, is_settled
from audits.judgement.episodes.saved_pairs import SavedPair
from audits.judgement.episodes.timeline import Timeline
from audits.judgement.moments import in_words, length_in_words
from audits.judgement.words import Confidence

# A backup's own events surround the save closely: the snapshot is made within seconds, and the VSS service becomes
# idle three minutes after its last use.
NEAR = timedelta(minutes=5)
# The writer saves all VMs of a snapshot set together. Two at once may be a person's doing, three hardly are.
SEVERAL = 3
# A backup that has logged no end is not believed to run for longer than this.
LONGEST_BACKUP = timedelta(hours=24)


class WindowEvidence(Struct, frozen=True):
    words: str
    confidence: Confidence


class Windows:
    """Asked once per save. `windows`: as the customer set them; none: not set."""

    def __init__(
        self, windows: Sequence[BackupWindow], events: Iterable[LifeEvent], pairs: Iterable[SavedPair]
    ) -> None:
        events = tuple(events)
        self.are_set = bool(windows)
        self._windows = windows
        self._runs = _backup_runs(events)
        self._signs = Timeline(event for event in events if event.meaning in _SIGNS)
        self._brief = [pair for pair in pairs if pair.length is not None and pair.length <= LONGEST_PAUSE]

    def evidence_for(self, pair: SavedPair) -> WindowEvidence | None:
        """The strongest evidence that a backup ran then, or None."""
        return self._window(pair) or self._run(pair) or self._sign(pair) or self._company(pair)

    def _window(self, pair: SavedPair) -> WindowEvidence | None:
        for window in self._windows:
            if window.holds(pair.saved_at):
                words = f"inside the backup window {in_words(window.starts_at)} to {in_words(window.ends_at)}"
                return WindowEvidence(words, Confidence.HIGH)
        return None

    def _run(self, pair: SavedPair) -> WindowEvidence | None:
        """The backup that started last before the save, if it still ran."""
        position = bisect_right(self._runs, pair.saved_at, key=lambda run: run[0])
        if not position:
            return None
        start, end = self._runs[position - 1]
        if pair.saved_at > (end or start + LONGEST_BACKUP):
            return None
        return WindowEvidence(_run_in_words(start, end), Confidence.HIGH if end else Confidence.MEDIUM)

    def _sign(self, pair: SavedPair) -> WindowEvidence | None:
        """The nearest event of a backup; one that names another VM still says that a backup ran."""
        nearest = self._signs.nearest(pair.saved_at, pair.restored_at or pair.saved_at)
        if nearest is None or nearest[0] > NEAR:
            return None
        distance, event = nearest
        sure = Confidence.MEDIUM if is_settled(event.known) else Confidence.LOW
        apart = "meanwhile" if not distance else f"{length_in_words(distance)} apart"
        return WindowEvidence(
            f"{event.known.words} at {in_words(event.at)}, {apart} ({event.known.provider} {event.known.event_id})",
            sure,
        )

    @cached_property
    def _together(self) -> dict[SavedPair, int]:
        return _saved_together(self._brief)

    def _company(self, pair: SavedPair) -> WindowEvidence | None:
        together = self._together.get(pair, 0)
        if together < SEVERAL:
            return None
        return WindowEvidence(f"{together} VMs were saved within {length_in_words(NEAR)}", Confidence.MEDIUM)


_SIGNS = (Meaning.BACKUP_SIGN, Meaning.BACKUP_STARTED, Meaning.BACKUP_ENDED)


def _backup_runs(events: Iterable[LifeEvent]) -> list[tuple[datetime, datetime | None]]:
    """Windows Server Backup from start to the first end after it; an end is logged up to three times over."""
    runs: list[tuple[datetime, datetime | None]] = []
    for event in events:
        if event.meaning is Meaning.BACKUP_STARTED:
            runs.append((event.at, None))
        elif event.meaning is Meaning.BACKUP_ENDED and runs and runs[-1][1] is None:
            runs[-1] = (runs[-1][0], event.at)
    return runs


@lru_cache(maxsize=64)
def _run_in_words(start: datetime, end: datetime | None) -> str:
    until = f"to {in_words(end)}" if end else "on, with no end logged"
    return f"while Windows Server Backup ran from {in_words(start)} {until}"


def _saved_together(pairs: Iterable[SavedPair]) -> dict[SavedPair, int]:
    """For each save, how many VMs were saved no more than a few minutes before or after it, its own included.

    Two ends move over the saves once: a host of a thousand VMs may save all of them every night.
    """
    ordered = sorted(pairs, key=lambda pair: pair.saved_at)
    inside: Counter[str] = Counter()
    counts: dict[SavedPair, int] = {}
    first = last = 0
    for pair in ordered:
        while last < len(ordered) and ordered[last].saved_at - pair.saved_at <= NEAR:
            inside[ordered[last].vm_id] += 1
            last += 1
        while pair.saved_at - ordered[first].saved_at > NEAR:
            gone = ordered[first].vm_id
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            first += 1
        counts[pair] = len(inside)
    return counts
