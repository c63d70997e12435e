"""VM-VHDFMT: the VM's disks are VHDX files."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import SINCE_2016, rule
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Scope, Section, Severity

VHD = 2


@rule(
    id="VM-VHDFMT",
    title="The VM's disks are VHDX files",
    scope=Scope.VM,
    severity=Severity.INFO,
    needs=(Section.VMS,),
    applies_to=SINCE_2016,
    sources=("MS-HIST",),
    fix="F9",
)
def disks_are_vhdx(host: HostView) -> Iterator[Statement]:
    """The older VHD format has no change tracking, so a backup reads more. It takes no VM offline. Fixed or
    dynamically expanding never matters: that was true of early versions only.
    """
    for vm in host.vms:
        yield _judge(host, vm)


def _judge(host: HostView, vm: VMView) -> Statement:
    if vm.disks is None:
        return unknown(vm, host.why(Section.VMS, "vms.disks"))
    if not vm.disks:
        return not_applicable(vm, "the VM has no virtual disk")
    why_unknown = None
    for disk in vm.disks:
        path = disk.path or ""
        image = host.chains.image(path)
        if image is None or image.format is None:
            why_unknown = why_unknown or host.chains.of(path).why or host.why(Section.VMS, "images.format")
        elif image.format == VHD:
            return failed(vm, measured=f"VHD format: {path}")
    return unknown(vm, why_unknown) if why_unknown else passed(vm)
