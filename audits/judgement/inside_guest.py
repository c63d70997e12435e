"""The inside of a guest: which rules judge whom, and what they say where nothing could be read.

A guest that nobody was given access to has no results of the G-* checks: ten unknown rows for each of a fleet's VMs
would bury what was read. Its conditions stand among the unknowns of its verdict instead, with the reason below. Where
access was given, every check says something of every such guest, "could not be read" included. Where the section as a
whole failed, each check says so once, about the host.
"""

from collections.abc import Callable, Iterator

from audits.judgement.evidence.guests import GuestReading, GuestVolume
from audits.judgement.evidence.services import Service
from audits.judgement.result import Statement, not_applicable, unknown
from audits.judgement.view import HostView, VMView
from audits.judgement.words import VMState

NO_ACCESS = "no access to the guest: give a guest credential, or let the VSS writer be read"
# The writer has spoken, so its word is the answer; a credential would only tell why.
ASKED_BY_THE_WRITER = "no access to the guest; the VSS writer asks it, and its word stands in for this"

# Partitions that hold nothing to be snapshotted: EFI system (FAT32 on every generation 2 guest), recovery, Microsoft's
# reserved one, and the types of the recovery and EFI partitions in an MBR.
NOT_BACKED_UP = frozenset(
    {
        "{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}",
        "{de94bba4-06d1-4d40-a16a-bfd50179d6ac}",
        "{e3c9e316-0b5c-4db8-817d-f92df00215ae}",
        "39",
        "239",
    }
)

type_of_judge = Callable[[HostView, VMView, GuestReading], Statement]


def judge_windows_guests(host: HostView, judge: type_of_judge) -> Iterator[Statement]:
    """What `judge` says of every guest that was read; a Linux guest is none of a Windows check's business."""

    def judge_windows(host: HostView, vm: VMView, inside: GuestReading) -> Statement:
        if inside.is_windows is False:
            return not_applicable(vm, "the guest does not run Windows")
        return judge(host, vm, inside)

    return judge_every_guest(host, judge_windows)


def judge_linux_guests(host: HostView, judge: type_of_judge) -> Iterator[Statement]:
    """What `judge` says of every Linux guest that was read."""

    def judge_linux(host: HostView, vm: VMView, inside: GuestReading) -> Statement:
        if inside.is_windows is None:
            return unknown(vm, "the guest did not say which system it is")
        if inside.is_windows:
            return not_applicable(vm, "the guest runs Windows")
        return judge(host, vm, inside)

    return judge_every_guest(host, judge_linux)


def judge_every_guest(host: HostView, judge: type_of_judge) -> Iterator[Statement]:
    """What `judge` says of every guest that was read; of one that is off or did not answer it is not asked."""
    if host.why_guests_unread is not None:
        yield unknown(host, host.why_guests_unread)
        return
    for vm in host.vms:
        if vm.inside is None:
            continue
        if vm.state in (VMState.OFF, VMState.SAVED):
            yield not_applicable(vm, "the guest is not running")
        elif vm.inside.status != "ok":
            yield unknown(vm, _why_closed(vm.inside))
        else:
            yield judge(host, vm, vm.inside)


def _why_closed(inside: GuestReading) -> str:
    ending = {
        "denied": "the guest refused the credential or its rights",
        "timed_out": "the guest did not answer in time",
        "skipped": "the guest was left out",
    }.get(inside.status or "", "the guest could not be read")
    return f"{ending} ({inside.reason})" if inside.reason else ending


def why_unread(inside: GuestReading, what: str) -> str:
    """Why a list or field of a guest is not known, in the probe's words."""
    for gap in inside.gaps or ():
        about, _, why = (part.strip() for part in gap.partition(":"))
        if about == what or what.startswith(f"{about}."):
            return f"the guest's {what} could not be read: {why}"
    return f"the guest did not report {what}"


def services_of(inside: GuestReading) -> dict[str, Service] | None:
    """By name in lower case. None: not read; Windows shows an account without rights no service at all."""
    if inside.services is None or (inside.is_windows and not inside.services):
        return None
    return {service.name.lower(): service for service in inside.services}


def volumes_that_count(inside: GuestReading) -> tuple[GuestVolume, ...] | None:
    """Without the partitions that no snapshot is made of. None: not read; a guest without any volume does not exist."""
    if not inside.volumes:
        return None
    return tuple(volume for volume in inside.volumes if (volume.partition_type or "").lower() not in NOT_BACKED_UP)


def name_of(volume: GuestVolume) -> str:
    return volume.name or volume.label or volume.volume_id
