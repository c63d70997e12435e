"""What the events mean that the third witness reads: by provider, id and Windows build, each with its source.

The same id means different things in different providers and builds (VMMS 10103), and public lists contradict each
other, so nothing here is keyed by the number alone. The host's own manifest, read with the events, has the last word:
an id that it does not know on that build means nothing there (`life_events`).
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from audits.judgement.words import WindowsBuild

WORKER = "Microsoft-Windows-Hyper-V-Worker"
VMMS = "Microsoft-Windows-Hyper-V-VMMS"
KERNEL = "Microsoft-Windows-Kernel-General"
EVENT_LOG = "EventLog"
USER32 = "User32"
CLUSTERING = "Microsoft-Windows-FailoverClustering"
BACKUP = "Microsoft-Windows-Backup"
VSS = "VSS"

# The log in which the worker process writes of a VM's life (field knowledge; no source names it).
WORKER_LOG = "Microsoft-Windows-Hyper-V-Worker-Admin"
INFORMATION = 4


class Meaning(StrEnum):
    """What an event tells, as far as the third witness has a use for it."""

    SAVED = "saved"
    RESTORED = "restored"
    STARTED = "started"
    STOPPED = "stopped"  # turned off, shut down, hibernated, or lost: no saved state remains
    RESET = "reset"
    PAUSED = "paused"
    RESUMED = "resumed"
    BACKUP_STARTED = "backup_started"
    BACKUP_ENDED = "backup_ended"
    BACKUP_SIGN = "backup_sign"  # logged while or shortly after a backup
    HOST_STOPPING = "host_stopping"
    HOST_STARTED = "host_started"
    ROLE_MOVED = "role_moved"


class Source(StrEnum):
    """Where the meaning is from. `confirmed`: Microsoft's own text, code or manifest."""

    CONFIRMED = "confirmed"
    COMMUNITY = "community"
    UNCONFIRMED = "unconfirmed"


class KnownEvent(Struct, frozen=True):
    """One meaning. It holds from build `since` up to, and without, build `before`."""

    provider: str
    event_id: int
    meaning: Meaning
    words: str
    source: Source
    since: int = 0
    before: int = 1_000_000


_M, _S = Meaning, Source
_2012_R2 = WindowsBuild.SERVER_2012_R2

KNOWN_EVENTS: tuple[KnownEvent, ...] = (
    # 18510 and 18596 are what everybody in the field reads so, and fit between the numbers that the test code of
    # Microsoft's OpenVMM gives to their neighbours; no Microsoft text names them (lab question Q6).
    KnownEvent(WORKER, 18500, _M.STARTED, "the VM was started", _S.COMMUNITY),
    KnownEvent(WORKER, 18502, _M.STOPPED, "the VM was turned off", _S.CONFIRMED),
    KnownEvent(WORKER, 18504, _M.STOPPED, "the VM was shut down by the host", _S.CONFIRMED),
    KnownEvent(WORKER, 18508, _M.STOPPED, "the VM was shut down by its guest", _S.CONFIRMED),
    KnownEvent(WORKER, 18510, _M.SAVED, "the VM was saved", _S.COMMUNITY),
    KnownEvent(WORKER, 18512, _M.RESET, "the VM was reset", _S.CONFIRMED),
    KnownEvent(WORKER, 18514, _M.RESET, "the VM was reset by its guest", _S.CONFIRMED),
    KnownEvent(WORKER, 18515, _M.STOPPED, "the VM was stopped for a reset by its guest", _S.CONFIRMED),
    KnownEvent(WORKER, 18516, _M.PAUSED, "the VM was paused", _S.UNCONFIRMED),
    KnownEvent(WORKER, 18518, _M.RESUMED, "the VM was resumed", _S.UNCONFIRMED),
    KnownEvent(WORKER, 18528, _M.STOPPED, "the VM was turned off after a critical error", _S.CONFIRMED),
    KnownEvent(WORKER, 18560, _M.RESET, "the VM was reset after a triple fault", _S.CONFIRMED),
    KnownEvent(WORKER, 18596, _M.RESTORED, "the VM was restored from its saved state", _S.COMMUNITY),
    KnownEvent(WORKER, 18608, _M.STOPPED, "the guest hibernated", _S.CONFIRMED),
    KnownEvent(VMMS, 10102, _M.BACKUP_SIGN, "a backup of a VM could not be made", _S.UNCONFIRMED),
    KnownEvent(VMMS, 10103, _M.BACKUP_SIGN, "a disk could not be reverted", _S.CONFIRMED, before=_2012_R2),
    KnownEvent(VMMS, 10103, _M.BACKUP_SIGN, "no live backup without SCSI controller", _S.COMMUNITY, since=_2012_R2),
    KnownEvent(VMMS, 10104, _M.BACKUP_SIGN, "a backup of a VM could not be made", _S.UNCONFIRMED),
    KnownEvent(VMMS, 10107, _M.BACKUP_SIGN, "a guest could not be backed up", _S.UNCONFIRMED),
    KnownEvent(VMMS, 10111, _M.BACKUP_SIGN, "a disk could not be mounted after the snapshot", _S.CONFIRMED),
    KnownEvent(VMMS, 10150, _M.BACKUP_SIGN, "a guest could not be frozen", _S.UNCONFIRMED),
    KnownEvent(VMMS, 10172, _M.BACKUP_SIGN, "a VSS writer inside a guest failed", _S.UNCONFIRMED),
    KnownEvent(VMMS, 14070, _M.STOPPED, "the worker process of the VM ended unexpectedly", _S.CONFIRMED),
    KnownEvent(VMMS, 18012, _M.BACKUP_SIGN, "a checkpoint failed", _S.UNCONFIRMED),
    KnownEvent(VMMS, 19070, _M.BACKUP_SIGN, "a disk merge began", _S.UNCONFIRMED),
    KnownEvent(VMMS, 19080, _M.BACKUP_SIGN, "a disk merge ended", _S.UNCONFIRMED),
    KnownEvent(VMMS, 19090, _M.BACKUP_SIGN, "a disk merge was interrupted", _S.UNCONFIRMED),
    KnownEvent(VMMS, 19100, _M.BACKUP_SIGN, "a disk merge failed", _S.CONFIRMED),
    KnownEvent(KERNEL, 12, _M.HOST_STARTED, "Windows started", _S.CONFIRMED),
    KnownEvent(KERNEL, 13, _M.HOST_STOPPING, "Windows shut down", _S.CONFIRMED),
    KnownEvent(EVENT_LOG, 6005, _M.HOST_STARTED, "the event log service started", _S.COMMUNITY),
    KnownEvent(EVENT_LOG, 6006, _M.HOST_STOPPING, "the event log service stopped", _S.COMMUNITY),
    KnownEvent(EVENT_LOG, 6008, _M.HOST_STARTED, "Windows had ended unexpectedly", _S.COMMUNITY),
    KnownEvent(USER32, 1074, _M.HOST_STOPPING, "a shutdown or restart was asked for", _S.COMMUNITY),
    # A published dump of the provider's manifest has both; that a quick migration logs one of them is not documented.
    KnownEvent(CLUSTERING, 1153, _M.ROLE_MOVED, "a clustered role failed over", _S.COMMUNITY),
    KnownEvent(CLUSTERING, 1641, _M.ROLE_MOVED, "a clustered role moved to another node", _S.COMMUNITY),
    # Windows Server Backup: the provider's manifest on Server 2022, as published.
    KnownEvent(BACKUP, 1, _M.BACKUP_STARTED, "Windows Server Backup started", _S.CONFIRMED),
    KnownEvent(BACKUP, 4, _M.BACKUP_ENDED, "Windows Server Backup ended", _S.CONFIRMED),
    KnownEvent(BACKUP, 5, _M.BACKUP_ENDED, "Windows Server Backup failed", _S.CONFIRMED),
    KnownEvent(BACKUP, 7, _M.BACKUP_ENDED, "Windows Server Backup ended with errors", _S.CONFIRMED),
    KnownEvent(BACKUP, 8, _M.BACKUP_ENDED, "Windows Server Backup was cancelled", _S.CONFIRMED),
    KnownEvent(BACKUP, 9, _M.BACKUP_ENDED, "Windows Server Backup got no shadow copy", _S.CONFIRMED),
    KnownEvent(BACKUP, 14, _M.BACKUP_ENDED, "Windows Server Backup ended", _S.CONFIRMED),
    # The service ends three minutes after its last use.
    KnownEvent(VSS, 8224, _M.BACKUP_SIGN, "the VSS service became idle", _S.COMMUNITY),
    KnownEvent(VSS, 8193, _M.BACKUP_SIGN, "a VSS routine failed", _S.CONFIRMED),
    KnownEvent(VSS, 8229, _M.BACKUP_SIGN, "a VSS writer rejected an event", _S.CONFIRMED),
    KnownEvent(VSS, 12289, _M.BACKUP_SIGN, "a VSS provider failed", _S.CONFIRMED),
    KnownEvent(VSS, 12293, _M.BACKUP_SIGN, "a call of a VSS provider failed", _S.CONFIRMED),
    KnownEvent(VSS, 12298, _M.BACKUP_SIGN, "writes could not be held during a shadow copy", _S.UNCONFIRMED),
    KnownEvent(VSS, 12366, _M.BACKUP_SIGN, "an exception in a VSS writer", _S.CONFIRMED),
)

_by_key: Mapping[tuple[str, int], tuple[KnownEvent, ...]] = {
    key: tuple(event for event in KNOWN_EVENTS if (event.provider, event.event_id) == key)
    for key in {(event.provider, event.event_id) for event in KNOWN_EVENTS}
}

# Windows spells provider names in one way only, but compares them without regard to case.
_spelling = {event.provider.lower(): event.provider for event in KNOWN_EVENTS}


# As many as a host has reason to log; a hostile one cannot make it grow.
@lru_cache(maxsize=1024)
def known_event(provider: str, event_id: int, build: int | None) -> KnownEvent | None:
    """The meaning of an event on this Windows build; None for one that is not in the table or that another build has.

    Without a build only an id that means the same on every build has a meaning.
    """
    provider = _spelling.get(provider.lower(), provider)
    candidates = _by_key.get((provider, event_id), ())
    if build is None:
        return candidates[0] if len(candidates) == 1 else None
    return next((event for event in candidates if event.since <= build < event.before), None)
