"""G-FS: every volume inside the guest has a file system that supports snapshots."""

from collections.abc import Iterator

from audits.judgement.evidence.guests import GuestReading, GuestVolume
from audits.judgement.inside_guest import judge_windows_guests, name_of, volumes_that_count, why_unread
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.unconfirmed import NOTHING, OFFLINE_LABEL, SINCE_2012_R2, A, C, Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Confidence, HostClass, Scope, Section, Severity

SNAPSHOT_CAPABLE = frozenset({"NTFS", "CSVFS"})
REFS = "REFS"
REFS_ROW = "G-FS/ReFS"
# What the EFI system partition is formatted with.
LIKE_EFI = frozenset({"FAT", "FAT32"})


@rule(
    id="G-FS",
    title="Every volume inside the guest has a file system that supports snapshots",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS, Section.GUESTS),
    precondition=True,
    sources=("MS-BR", "DPM", "MS-REFS", "MS-PARTGUID"),
    unconfirmed=(
        *OFFLINE_LABEL,
        Unconfirmed(
            "Up to 2012: whether the writer accepts a ReFS volume inside a guest.",
            A,
            weakens=NOTHING,
        ),
        Unconfirmed(
            "Since 2012 R2: that a ReFS volume inside a guest has no effect; ReFS supports snapshots, and no source "
            "speaks about guests (lab question Q10).",
            SINCE_2012_R2,
            weakens=NOTHING,
        ),
        Unconfirmed("Since 2016, on path wmi: what a FAT or exFAT volume in the guest does (lab question Q10).", C),
    ),
    fix="F22",
)
def guest_volumes_can_be_snapshotted(host: HostView) -> Iterator[Statement]:
    """Microsoft names it as one of five conditions: every disk of the guest has a file system that supports snapshots,
    as NTFS. FAT, FAT32 and exFAT do not. The EFI system partition is FAT32 by design and never counts, nor do recovery
    and reserved partitions. ReFS supports snapshots; whether a writer up to 2012 accepts it in a guest is not known.
    """
    yield from judge_windows_guests(host, _judge)


def _judge(host: HostView, vm: VMView, inside: GuestReading) -> Statement:
    volumes = volumes_that_count(inside)
    if volumes is None:
        return unknown(vm, why_unread(inside, "volumes"))
    bad = [volume for volume in volumes if _is_incapable(volume)]
    if bad:
        return failed(vm, measured=", ".join(f"{name_of(volume)}: {volume.file_system}" for volume in bad))
    refs = [name_of(volume) for volume in volumes if (volume.file_system or "").upper() == REFS]
    for volume in volumes:
        if volume.file_system is None:
            return unknown(vm, f"{name_of(volume)} is raw or locked, so its file system is not known")
        if volume.file_system.upper() in LIKE_EFI:
            return unknown(vm, f"{name_of(volume)} is {volume.file_system} and may be the EFI system partition")
    if refs and host.host_class is HostClass.A:
        reason = f"{', '.join(refs)}: no source says whether a writer up to 2012 accepts ReFS in a guest"
        return unknown(vm, reason, row=REFS_ROW)
    return passed(vm, f"ReFS: {', '.join(refs)}", confidence=Confidence.LOW) if refs else passed(vm)


def _is_incapable(volume: GuestVolume) -> bool:
    """A FAT32 volume of an unknown partition without a drive letter may be the EFI partition: not flagged."""
    if volume.file_system is None or volume.file_system.upper() in (*SNAPSHOT_CAPABLE, REFS):
        return False
    may_be_efi = volume.file_system.upper() in LIKE_EFI and volume.partition_type is None
    return not may_be_efi or bool(volume.name and len(volume.name.rstrip("\\")) == len("C:"))
