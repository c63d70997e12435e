"""G-ISCSI: no disk inside the guest is an iSCSI LUN."""

from collections.abc import Iterator

from audits.judgement.evidence.guests import GuestReading
from audits.judgement.inside_guest import judge_every_guest, why_unread
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Scope, Section, Severity

ISCSI = 9  # MSFT_Disk.BusType


@rule(
    id="G-ISCSI",
    title="No disk inside the guest is an iSCSI LUN",
    scope=Scope.VM,
    severity=Severity.WARNING,
    needs=(Section.VMS, Section.GUESTS),
    sources=("MS-BR", "MS-UBUNTU"),
    fix="F5",
)
def guest_has_no_iscsi_disk(host: HostView) -> Iterator[Statement]:
    """A disk that the guest reaches through iSCSI by itself is invisible to the host, so no host backup contains it.
    The VM itself stays online. In Linux guests such a backup can fail without a word.
    """
    yield from judge_every_guest(host, _judge)


def _judge(host: HostView, vm: VMView, inside: GuestReading) -> Statement:
    if not inside.disks:
        return unknown(vm, why_unread(inside, "disks"))
    luns = [str(disk.number) for disk in inside.disks if disk.bus_type == ISCSI]
    if luns:
        return failed(vm, measured=f"iSCSI: disk {', '.join(luns)} is not in the backup")
    if any(disk.bus_type is None for disk in inside.disks):
        return unknown(vm, why_unread(inside, "disks.bus_type"))
    return passed(vm)
