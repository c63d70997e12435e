"""G-LDM: the guest has no dynamic disk."""

from collections.abc import Iterator

from audits.judgement.evidence.guests import GuestReading
from audits.judgement.inside_guest import judge_windows_guests, why_unread
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.unconfirmed import OFFLINE_LABEL, C, Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Scope, Section, Severity


@rule(
    id="G-LDM",
    title="Every disk inside the guest is a basic disk",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS, Section.GUESTS),
    precondition=True,
    sources=("MS-BR", "KB958662", "DPM", "MS-PARTGUID", "MS-DISKPART"),
    unconfirmed=(
        *OFFLINE_LABEL,
        Unconfirmed("Since 2016, on path wmi: whether the guest's own snapshot of a dynamic disk fails.", C),
    ),
    fix="F23",
)
def guest_disks_are_basic(host: HostView) -> Iterator[Statement]:
    """Microsoft names it as one of five conditions: all volumes of the guest lie on basic disks. A dynamic disk is one
    that the Logical Disk Manager keeps; its partitions tell, in every language. The partition style does not matter:
    GPT is no fault. The host cannot see this without mounting the disk, which is never done.
    """
    yield from judge_windows_guests(host, _judge)


def _judge(host: HostView, vm: VMView, inside: GuestReading) -> Statement:
    if not inside.disks:
        return unknown(vm, why_unread(inside, "disks"))
    dynamic = [str(disk.number) for disk in inside.disks if disk.is_dynamic]
    if dynamic:
        return failed(vm, measured=f"dynamic disk {', '.join(dynamic)}")
    if any(disk.is_dynamic is None for disk in inside.disks):
        return unknown(vm, why_unread(inside, "disks.is_dynamic"))
    return passed(vm)
