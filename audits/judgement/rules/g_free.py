"""G-FREE: the volumes inside the guest have free space."""

from collections.abc import Iterator

from audits.judgement.evidence.guests import GuestReading, GuestVolume
from audits.judgement.inside_guest import judge_every_guest, name_of, volumes_that_count, why_unread
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.sizes import MEBIBYTE, in_words
from audits.judgement.unconfirmed import Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Scope, Section, Severity

# The smallest diff area; for a volume below 500 MB it is 32 MB.
LEAST_BYTES = 320 * MEBIBYTE
SMALL_VOLUME_BYTES = 500 * MEBIBYTE
LEAST_BYTES_SMALL_VOLUME = 32 * MEBIBYTE
# Percentages from backup vendors' advice and the article; no Microsoft source has them.
WARNING_PERCENT = 10
NOTE_PERCENT = 20


@rule(
    id="G-FREE",
    title="Every volume inside the guest has enough free space",
    scope=Scope.VM,
    severity=Severity.WARNING,
    needs=(Section.VMS, Section.GUESTS),
    sources=("MS-MINDIFF", "CARBONITE", "the article, item 7"),
    unconfirmed=(
        Unconfirmed(
            "The thresholds of 10 % and 20 %, which are vendors' advice, and what little room in a guest does to its "
            "VM's backup.",
        ),
    ),
    fix="F10",
)
def guest_volumes_have_room(host: HostView) -> Iterator[Statement]:
    """The guest's own snapshot needs room for the blocks that change meanwhile: at least the smallest diff area, 320
    MB. Below 10 % and 20 % it is a rule of thumb. No source names free space in the guest as a reason for a saved
    state.
    """
    yield from judge_every_guest(host, _judge)


def _judge(host: HostView, vm: VMView, inside: GuestReading) -> Statement:
    volumes = volumes_that_count(inside)
    if volumes is None:
        return unknown(vm, why_unread(inside, "volumes"))
    known = [(volume, volume.free_bytes) for volume in volumes if volume.free_bytes is not None]
    for volume, free in known:
        if free < _least_bytes(volume):
            return failed(vm, measured=f"{name_of(volume)}: {in_words(free)} free")
    if len(known) < len(volumes):
        return unknown(vm, why_unread(inside, "volumes.free_bytes"))
    # A percentage of a small system volume says nothing.
    large = [
        (free * 100 // volume.capacity_bytes, volume, free)
        for volume, free in known
        if volume.capacity_bytes is not None and volume.capacity_bytes >= SMALL_VOLUME_BYTES
    ]
    if not large:
        return passed(vm)
    percent, volume, free = min(large, key=lambda entry: entry[0])
    measured = f"{name_of(volume)}: {percent} % free ({in_words(free)})"
    if percent < WARNING_PERCENT:
        return failed(vm, measured=measured, is_note=True)
    if percent < NOTE_PERCENT:
        return failed(vm, measured=measured, severity=Severity.INFO, is_note=True)
    return passed(vm, measured)


def _least_bytes(volume: GuestVolume) -> int:
    is_small = volume.capacity_bytes is not None and volume.capacity_bytes < SMALL_VOLUME_BYTES
    return LEAST_BYTES_SMALL_VOLUME if is_small else LEAST_BYTES
