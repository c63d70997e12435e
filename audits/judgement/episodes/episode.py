"""The third witness: times at which a VM verifiably was in a saved state, as the host's event log or its jobs tell."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from audits.judgement.words import Confidence, Observed

# A backup saves a VM for seconds to a few minutes: the memory is written, the volumes are snapped, and the VM returns.
# Fifteen minutes is the longest pause that is still read as one (domain text 6.5, E1: "gap < ~15 min").
LONGEST_PAUSE = timedelta(minutes=15)


class Exclusion(StrEnum):
    """Why a save is not the backup's doing (domain text 6.5, E1)."""

    HOST_SHUTDOWN = "host_shutdown"
    QUICK_MIGRATION = "quick_migration"
    MANUAL_SAVE = "manual_save"
    CHECKPOINT_APPLIED = "checkpoint_applied"


class EpisodeSource(StrEnum):
    """Who told of it. `both`: the event log and a job of the same save, which counts once."""

    EVENTS = "events"
    JOBS = "jobs"
    BOTH = "both"


class BackupWindow(Struct, frozen=True, order=True):
    """A time in which somebody says that backups run. Both ends in UTC and aware; `ends_at` is outside of it."""

    starts_at: datetime
    ends_at: datetime

    def holds(self, moment: datetime) -> bool:
        return self.starts_at <= moment < self.ends_at


class Episode(Struct, frozen=True, kw_only=True):
    """One time in the saved state. `restored_at` None: not restored within what was read.

    Times are the host's, in UTC and aware. `in_backup_window` None: no window is set and nothing in the evidence shows
    one; False: windows are set and this was outside of all, without any other sign of a backup. `evidence_for_window`
    says in words what put it inside, `why_excluded` what excluded it. `confidence`: how sure the reading of this
    episode is, whether proof or exclusion. `doubt`: what could not be told and would decide, in words; a doubtful
    episode proves nothing. `contradiction`: what another source says otherwise, in words; shown, never resolved.
    """

    vm_id: str  # lower case
    vm: str
    saved_at: datetime
    restored_at: datetime | None
    excluded_reason: Exclusion | None = None
    why_excluded: str | None = None
    in_backup_window: bool | None = None
    evidence_for_window: str | None = None
    confidence: Confidence = Confidence.MEDIUM
    source: EpisodeSource = EpisodeSource.EVENTS
    doubt: str | None = None
    contradiction: str | None = None

    @property
    def key(self) -> str:
        """Names the episode however often it is read: VM and the second of the save, in UTC."""
        return f"{self.vm_id} {self.saved_at.replace(microsecond=0).isoformat()}"

    @property
    def duration_seconds(self) -> float | None:
        return None if self.restored_at is None else (self.restored_at - self.saved_at).total_seconds()

    @property
    def is_proof(self) -> bool:
        """Whether it shows that a backup saved the VM: in a window, over within fifteen minutes, nothing against it."""
        return (
            self.excluded_reason is None
            and self.doubt is None
            and self.in_backup_window is True
            and self.restored_at is not None
            and self.restored_at - self.saved_at <= LONGEST_PAUSE
        )


class Observation(Struct, frozen=True, kw_only=True):
    """What was seen of one VM: the word of the contract, its reason in words, and every episode, oldest first."""

    word: Observed
    reason: str
    episodes: tuple[Episode, ...] = ()


type_of_observations = Mapping[str, Observation]
"""By VM GUID in lower case: every VM of the host."""
