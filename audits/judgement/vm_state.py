"""What Hyper-V's state numbers mean for a backup (VMState and VMOperationalStatus of the Hyper-V module 2.0)."""

from audits.judgement.words import VMState

RUNNING = 2
OFF = 3
PAUSED = 9
# Saved, FastSaved and Hibernated: the memory is on disk, nothing can be pulled offline.
SAVED = frozenset({6, 32779, 32783})
# RunningCritical to FastSavingCritical: the storage of the VM is in trouble.
CRITICAL = range(32785, 32797)
RUNNING_CRITICAL = 32785
# "Other" says nothing.
OTHER = 1

# States and operational statuses under which a merge, checkpoint, export, backup or migration is under way.
# 23769 is a misprint of 32769 in the module's own enumeration: both occur.
IN_SERVICE = 11
BUSY_STATUSES = {
    32768: "creating a checkpoint",
    32769: "applying a checkpoint",
    23769: "applying a checkpoint",
    32770: "deleting a checkpoint",
    32771: "waiting to start",
    32772: "merging disks",
    32773: "exporting",
    32774: "migrating",
    32776: "being backed up",
    32778: "moving its storage",
    32779: "moving its storage",
}
CONFIGURATION_STORAGE_LOST = 3
DISK_SPACE_LOW = 5
CRITICAL_IO_ERROR = 32795

_TRANSITIONS = {
    4: "stopping",
    10: "starting",
    11: "resetting",
    32773: "saving",
    32776: "pausing",
    32777: "resuming",
    32780: "saving",
    32781: "shutting down",
    32782: "rebooting",
    32784: "in component servicing",
}
_BY_NUMBER = {RUNNING: VMState.RUNNING, OFF: VMState.OFF, PAUSED: VMState.PAUSED, OTHER: VMState.UNKNOWN}
_BY_NUMBER |= dict.fromkeys(SAVED, VMState.SAVED) | dict.fromkeys(CRITICAL, VMState.CRITICAL)


def state_of(number: int | None) -> VMState:
    """The word for a VMState number. A number that no documentation lists is a transition: ask again later."""
    if number is None:
        return VMState.UNKNOWN
    return _BY_NUMBER.get(number, VMState.TRANSITIONAL)


def state_in_words(number: int | None) -> str:
    """The state as a technician reads it, as `paused` or `merging`; an unlisted number is shown as a number."""
    word = state_of(number)
    if word is VMState.TRANSITIONAL:
        return _TRANSITIONS.get(number or 0, f"in transition (state {number})")
    return {VMState.CRITICAL: f"critical (state {number})", VMState.UNKNOWN: "not known"}.get(word, word.value)
