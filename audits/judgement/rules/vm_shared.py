"""VM-SHARED: no virtual disk is shared between VMs in a way that backups cannot handle."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import SINCE_2012_R2, rule
from audits.judgement.view import HostView, VMView
from audits.judgement.words import HostClass, Scope, Section, Severity

VHD_SET = 4


@rule(
    id="VM-SHARED",
    title="No shared VHDX is attached to the VM",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS,),
    applies_to=SINCE_2012_R2,
    sources=("MS-DIFF", "KB4230569"),
    unconfirmed=("Whether the guest cluster behind a VHD set is in order: only its guests know.",),
    fix="F6",
)
def no_shared_vhdx(host: HostView) -> Iterator[Statement]:
    """A checkpoint of a VM with a shared VHDX is not supported, so its backup from the host fails. VHD sets (.vhds,
    2016 and later) were made to be backed up; their guest cluster has conditions of its own that are not visible
    from the host.
    """
    for vm in host.vms:
        yield _judge(host, vm)


def _judge(host: HostView, vm: VMView) -> Statement:
    if vm.disks is None:
        return unknown(vm, host.why(Section.VMS, "vms.disks"))
    has_set = False
    for disk in vm.disks:
        path = disk.path or ""
        image = host.chains.image(path)
        is_set = path.lower().endswith(".vhds") or (image is not None and image.format == VHD_SET)
        has_set = has_set or is_set
        if is_set and host.host_class is HostClass.C:
            continue
        if disk.persistent_reservations or is_set:
            return failed(vm, measured=f"shared disk {path}")
        if disk.persistent_reservations is None:
            return unknown(vm, host.why(Section.VMS, "vms.disks.persistent_reservations"))
    return passed(vm, "VHD set: supported; the guest cluster's own conditions were not read" if has_set else None)
