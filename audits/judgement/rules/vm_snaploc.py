"""VM-SNAPLOC: the checkpoint folder lies on the volume of the VM's disks."""

from collections.abc import Iterator

from audits.judgement.places import VolumeView
from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.unconfirmed import NOTHING, SINCE_2012_R2, C, Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import HostClass, Scope, Section, Severity


@rule(
    id="VM-SNAPLOC",
    title="The checkpoint folder is on the same volume as the virtual disks",
    scope=Scope.VM,
    severity=Severity.WARNING,
    severity_on={HostClass.A: Severity.CRITICAL},
    needs=(Section.VMS, Section.VOLUMES),
    precondition=True,
    sources=("MS-BR",),
    unconfirmed=(
        Unconfirmed("Since 2012 R2: whether the condition is still evaluated (lab question Q9).", SINCE_2012_R2),
        Unconfirmed(
            "Since 2016: whether the folder can be changed while the VM runs and has no checkpoint.",
            C,
            weakens=NOTHING,
        ),
    ),
    fix="F3",
)
def checkpoints_beside_disks(host: HostView) -> Iterator[Statement]:
    """Microsoft names it as one of five conditions: the snapshot file location has to be on the same host volume as
    the VHD files, else the VM is saved. Volumes are compared, not drive letters, because mount points and Cluster
    Shared Volumes hide behind letters. Disks on several volumes cannot meet the wording at all. No Microsoft text
    limits the condition to older versions, but the mechanism changed with 2012 R2, so there it is a warning.
    """
    for vm in host.vms:
        yield _judge(host, vm)


def _judge(host: HostView, vm: VMView) -> Statement:
    if vm.disks is None:
        return unknown(vm, host.why(Section.VMS, "vms.disks"))
    if not vm.disks:
        return not_applicable(vm, "the VM has no virtual disk")
    checkpoint_path = vm.facts.checkpoint_path
    if not checkpoint_path:
        return unknown(vm, host.why(Section.VMS, "vms.checkpoint_path"))
    volumes: dict[str, VolumeView] = {}
    why_unknown = None
    for path in (checkpoint_path, *(disk.path or "" for disk in vm.disks)):
        place = host.places.of(path)
        if place.volume is not None:
            volumes[path] = place.volume
        elif place.is_share:
            why_unknown = why_unknown or f"{path} is on a file share, whose volumes are not visible from this host"
        else:
            why_unknown = why_unknown or host.why_not_placed(path)
    checkpoints_on = volumes.pop(checkpoint_path, None)
    disks_on = {volume.key: volume.subject.name for volume in volumes.values()}
    if checkpoints_on is None or not disks_on.keys() - {checkpoints_on.key}:
        return unknown(vm, why_unknown) if why_unknown else passed(vm)
    # One disk elsewhere is enough, whatever is not known of the others.
    measured = f"checkpoints on {checkpoints_on.subject.name}, disks on {', '.join(sorted(disks_on.values()))}"
    return failed(vm, measured=measured if len(disks_on) == 1 else f"VHDs on more than one volume: {measured}")
