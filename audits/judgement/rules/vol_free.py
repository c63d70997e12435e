"""VOL-FREE: the volume has free space."""

from collections.abc import Iterator

from audits.judgement.places import VolumeView
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import EVERY_HOST, rule
from audits.judgement.sizes import MEBIBYTE, in_words
from audits.judgement.unconfirmed import NOTHING, A, Unconfirmed
from audits.judgement.unused_volumes import about_unused
from audits.judgement.view import HostView, VMView
from audits.judgement.vm_state import DISK_SPACE_LOW
from audits.judgement.words import Confidence, HostClass, Scope, Section, Severity, VMState

# The smallest diff area: below it no shadow copy can be made.
LEAST_BYTES = 320 * MEBIBYTE
# Percentages from backup vendors' advice and the article; no Microsoft source has them.
WARNING_PERCENT = 10
NOTE_PERCENT = 20


@rule(
    id="VOL-FREE",
    title="The volume has enough free space",
    scope=Scope.VOLUME,
    severity=Severity.CRITICAL,
    needs=(Section.VOLUMES, Section.VMS),
    applies_to=EVERY_HOST,
    sources=("MS-MINDIFF", "MS-DIFF", "CARBONITE"),
    unconfirmed=(
        Unconfirmed("The thresholds of 10 % and 20 %: vendors' advice, a heuristic.", weakens=NOTHING),
        Unconfirmed(
            "Up to 2012: that a saved state needs room for the VM's memory on this volume: inferred.",
            A,
            weakens=NOTHING,
        ),
    ),
    fix="F10",
)
def volume_has_room(host: HostView) -> Iterator[Statement]:
    """Checkpoints and shadow copies need room. Below the smallest diff area of a shadow copy, or when Hyper-V itself
    reports that a disk's volume runs full, backups fail. The article's 20 % is a rule of thumb: below it the volume
    is worth a look, below 10 % a warning, and neither takes a VM offline.
    """
    for volume in host.volumes:
        vms = host.used_volumes.get(volume.key)
        yield about_unused(host, volume) if vms is None else _judge(host, volume, vms)


def _judge(host: HostView, volume: VolumeView, vms: list[VMView]) -> Statement:
    for vm in vms:
        if vm.facts.operational_status and vm.facts.operational_status[0] == DISK_SPACE_LOW:
            return failed(volume, measured=f"Hyper-V reports low disk space (status {DISK_SPACE_LOW}) for a VM here")
    free, capacity = volume.free_bytes, volume.capacity_bytes
    if free is None:
        return unknown(volume, host.why(Section.VOLUMES, "volumes.free_bytes"))
    if free < LEAST_BYTES:
        return failed(volume, measured=f"{in_words(free)} free")
    if not capacity:
        return unknown(volume, host.why(Section.VOLUMES, "volumes.capacity_bytes"))
    percent = free * 100 // capacity
    measured = f"{percent} % free ({in_words(free)})"
    if percent < WARNING_PERCENT:
        return _noted(volume, measured, Severity.WARNING)
    if host.host_class is HostClass.A and (memory := _memory_to_save(vms)) > free - LEAST_BYTES:
        measured += f", saving every running VM needs {in_words(memory)}"
        return _noted(volume, measured, Severity.WARNING)
    if percent < NOTE_PERCENT:
        return _noted(volume, measured, Severity.INFO)
    return passed(volume, measured)


def _noted(volume: VolumeView, measured: str, severity: Severity) -> Statement:
    """A rule of thumb: no source has it, and the verdict ignores it."""
    return failed(volume, measured=measured, severity=severity, confidence=Confidence.LOW, is_note=True)


def _memory_to_save(vms: list[VMView]) -> int:
    return sum(vm.facts.memory_assigned_bytes or 0 for vm in vms if vm.state is VMState.RUNNING)
