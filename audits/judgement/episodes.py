"""The third witness: times at which a VM verifiably was in a saved state, as the host's event log or its jobs tell."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Exclusion(StrEnum):
    """Why a save is not the backup's doing (domain text 6.5, E1)."""

    HOST_SHUTDOWN = "host_shutdown"
    QUICK_MIGRATION = "quick_migration"
    MANUAL_SAVE = "manual_save"
    CHECKPOINT_APPLIED = "checkpoint_applied"


class EpisodeSource(StrEnum):
    EVENTS = "events"
    JOBS = "jobs"


class Episode(Struct, frozen=True, kw_only=True):
    """One time in the saved state. `restored_at` None: not restored within what was read.

    `key` names the episode however often it is read: VM and the moment of the save. `in_backup_window` None: no window
    is set and nothing in the evidence shows one. `evidence_for_window` says in words what put it inside.
    """

    vm_id: str  # lower case
    vm: str
    saved_at: datetime
    restored_at: datetime | None
    excluded_reason: Exclusion | None = None
    in_backup_window: bool | None = None
    evidence_for_window: str | None = None
    source: EpisodeSource = EpisodeSource.EVENTS

    @property
    def key(self) -> str:
        return f"{self.vm_id} {self.saved_at.isoformat()}"

    @property
    def duration_seconds(self) -> float | None:
        return None if self.restored_at is None else (self.restored_at - self.saved_at).total_seconds()
