"""VM-PASSTHRU: no physical disk is passed through to the VM."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.unconfirmed import NOTHING, A, Unconfirmed
from audits.judgement.view import HostView
from audits.judgement.words import HostClass, Scope, Section, Severity


@rule(
    id="VM-PASSTHRU",
    title="No physical disk is passed through to the VM",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    severity_on={HostClass.A: Severity.WARNING},
    needs=(Section.VMS,),
    sources=("MS-BR", "MS-DIFF", "MS-SNAPSET", "NETAPP"),
    unconfirmed=(
        Unconfirmed(
            "Up to 2012: that a pass-through disk below 300 MB breaks the live backup of the whole VM, as one vendor "
            "notes; its size is not read.",
            A,
            weakens=NOTHING,
        ),
    ),
    fix="F5",
)
def no_passthrough_disk(host: HostView) -> Iterator[Statement]:
    """The host cannot see into a pass-through disk, so no host backup contains its data. Up to 2012 the disk is left
    out and the rest is backed up live; since 2012 R2 a checkpoint of such a VM is not supported. A product that uses
    Hyper-V WMI may ask to skip such disks.
    """
    for vm in host.vms:
        if vm.passthrough is None:
            yield unknown(vm, host.why(Section.VMS, "vms.disks"))
        elif vm.passthrough:
            numbers = ", ".join(str(disk.disk_number) for disk in vm.passthrough)
            yield failed(vm, measured=f"pass-through: physical disk {numbers}")
        else:
            yield passed(vm)
