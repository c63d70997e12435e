"""VM-SHARED: no virtual disk is shared between VMs in a way that backups cannot handle."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import SINCE_2012_R2, rule
from audits.judgement.unconfirmed import NOTHING, C, Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Confidence, HostClass, Scope, Section, Severity

VHD_SET = 4
MERGE_REFUSED = ("microsoft-windows-hyper-v-vmms", 19100)


@rule(
    id="VM-SHARED",
    title="No shared VHDX is attached to the VM",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS, Section.VSS_EVENTS),
    applies_to=SINCE_2012_R2,
    sources=("MS-DIFF", "KB4230569"),
    unconfirmed=(
        Unconfirmed(
            "Since 2016: whether the guest cluster behind a VHD set is in order, that is, whether its cluster service "
            "answers, the disk is online, owned and used by one node alone; only its guests know.",
            C,
            weakens=NOTHING,
        ),
    ),
    fix="F6",
)
def no_shared_vhdx(host: HostView) -> Iterator[Statement]:
    """A checkpoint of a VM with a shared VHDX is not supported, so its backup from the host fails. VHD sets (.vhds,
    2016 and later) were made to be backed up, but not on 2012 R2. A VHD set whose files cannot be merged, because the
    VM's own account has no access to them, is told by event 19100 of the host.
    """
    for vm in host.vms:
        yield _judge(host, vm)


def _judge(host: HostView, vm: VMView) -> Statement:
    if vm.disks is None:
        return unknown(vm, host.why(Section.VMS, "vms.disks"))
    has_set = False
    why_unknown = None
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
            why_unknown = host.why(Section.VMS, "vms.disks.persistent_reservations")
    if why_unknown is not None:
        return unknown(vm, why_unknown)
    if not has_set:
        return passed(vm)
    measured = "VHD set: supported; the guest cluster's own conditions were not read"
    if _merges_were_refused(host):
        measured += "; the host logged refused merges (19100): check the access of each VM's own account"
    return passed(vm, measured, confidence=Confidence.LOW)


def _merges_were_refused(host: HostView) -> bool:
    """Event 19100 names no VM that could be told without reading its text, so it is a hint and no failure."""
    counts = (host.evidence.vss_events.counts or ()) if host.evidence.vss_events else ()
    return any((count.provider.lower(), count.event_id) == MERGE_REFUSED and count.count > 0 for count in counts)
