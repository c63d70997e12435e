"""Which way the backup product takes, as far as the evidence hints at it: a suggestion with its reasons, no setting."""

from collections.abc import Iterable

from msgspec import Struct

from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.vms import VirtualMachine
from audits.judgement.vm_state import state_of
from audits.judgement.words import BackupPath, Confidence, HostClass, Section, VMState

# Windows Server Backup writes to a log of its own and goes through the host's VSS writers.
WINDOWS_SERVER_BACKUP = "Microsoft-Windows-Backup"
# At least one large product keeps its way from before 2016 for VMs of older configuration versions (VEEAMLIM).
FIRST_VERSION_WITH_TRACKING = 8
_POINTS_TO = {
    BackupPath.WMI: "with signs of the Hyper-V WMI path",
    BackupPath.VSS: "with signs of the host VSS writer's path",
    BackupPath.UNKNOWN: "without a sign that decides",
}


class PathHint(Struct, frozen=True):
    """What the evidence suggests. `path` unknown: it says nothing, or both. `reasons` are sentences without full stop.

    `confidence` is at most medium since 2016: that reference points tell the path of every product is confirmed by no
    real host. Up to 2012 R2 it is high, as there is only one path.
    """

    path: BackupPath
    confidence: Confidence
    reasons: tuple[str, ...]


def hint_for_host(evidence: HostEvidence) -> PathHint:
    """Look at what backups leave behind. Never raises; costs one pass over the VMs."""
    match evidence.host_class:
        case HostClass.A | HostClass.B:
            return PathHint(BackupPath.VSS, Confidence.HIGH, ("this Windows has only the host VSS writer's path",))
        case HostClass.CLIENT:
            return _nothing("client Windows has no Hyper-V VSS writer, and no source describes its backups")
        case HostClass.UNKNOWN:
            return _nothing(f"Windows version not known: {evidence.why_missing(Section.IDENTITY, 'os_build')}")
    for_wmi, for_vss = list(_signs_of_wmi(evidence)), list(_signs_of_vss(evidence))
    reasons = tuple(reason for _, reason in (*for_wmi, *for_vss))
    if for_wmi and for_vss:
        return PathHint(BackupPath.UNKNOWN, Confidence.NONE, (*reasons, "these point to different paths"))
    if for_wmi:
        return PathHint(BackupPath.WMI, for_wmi[0][0], reasons)
    if for_vss:
        return PathHint(BackupPath.VSS, for_vss[0][0], reasons)
    return _nothing(*_why_silent(evidence))


def hint_for_customer(hints: Iterable[PathHint]) -> PathHint:
    """One suggestion for all hosts of a customer. Hosts on which there is only one path do not vote."""
    voting = [hint for hint in hints if not (hint.path is BackupPath.VSS and hint.confidence is Confidence.HIGH)]
    if not voting:
        return PathHint(BackupPath.VSS, Confidence.HIGH, ("every host that was read has only the VSS writer's path",))
    count = {path: sum(hint.path is path for hint in voting) for path in BackupPath}
    of = f"of {len(voting)} {'host' if len(voting) == 1 else 'hosts'} since Server 2016"
    said = [f"{count[path]} {of} {_POINTS_TO[path]}" for path in _POINTS_TO if count[path]]
    if count[BackupPath.WMI] and count[BackupPath.VSS]:
        return PathHint(BackupPath.UNKNOWN, Confidence.NONE, (*said, "set the path of each host"))
    for path in (BackupPath.WMI, BackupPath.VSS):
        if count[path]:
            sure = count[path] == len(voting) and all(hint.confidence is Confidence.MEDIUM for hint in voting)
            return PathHint(path, Confidence.MEDIUM if sure else Confidence.LOW, tuple(said))
    return _nothing(*said)


def _nothing(*reasons: str) -> PathHint:
    return PathHint(BackupPath.UNKNOWN, Confidence.NONE, reasons)


def _signs_of_wmi(evidence: HostEvidence) -> Iterable[tuple[Confidence, str]]:
    """Reference points of the type that a backup with change tracking leaves; Hyper-V Replica's are of another type."""
    section = evidence.vms
    running = [vm.vm_id.lower() for vm in (section.vms or ()) if _is_running(vm)] if section else []
    tracked = section.rct_vm_ids if section else None
    if section is None or not running or not tracked:
        return
    with_point = {vm_id.lower() for vm_id in tracked} & set(running)
    if with_point:
        confidence = Confidence.MEDIUM if len(with_point) == len(running) else Confidence.LOW
        yield (
            confidence,
            f"{len(with_point)} of {len(running)} running VMs have a reference point of change tracking (RCT), which "
            "only a product on the Hyper-V WMI path makes",
        )


def _signs_of_vss(evidence: HostEvidence) -> Iterable[tuple[Confidence, str]]:
    events = evidence.vss_events
    backups = [each for each in (events.counts or ()) if each.provider == WINDOWS_SERVER_BACKUP] if events else []
    if events is not None and any(each.count for each in backups):
        yield (
            Confidence.LOW,
            f"Windows Server Backup logged events in the last {events.window_days} days; it goes through the host VSS "
            "writer, if it is what backs up the VMs",
        )
    builds = {node.build for node in (evidence.cluster.nodes or ())} if evidence.cluster else set()
    if len(builds - {None}) > 1:
        known = ", ".join(str(build) for build in sorted(build for build in builds if build is not None))
        yield Confidence.LOW, f"the cluster is mixed (builds {known}): products fall back to the way of before 2016"
    versions = [_major(vm.version) for vm in (evidence.vms.vms or ())] if evidence.vms else []
    if versions and all(version is not None and version < FIRST_VERSION_WITH_TRACKING for version in versions):
        yield (
            Confidence.LOW,
            f"every VM has a configuration version below {FIRST_VERSION_WITH_TRACKING}.0, for which at least one large "
            "product keeps the VSS writer's path",
        )


def _why_silent(evidence: HostEvidence) -> Iterable[str]:
    """What was looked for. Absence of reference points is no proof of the other path."""
    section = evidence.vms
    if section is None or section.rct_vm_ids is None:
        yield f"reference points were not read: {evidence.why_missing(Section.VMS, 'rct_vm_ids')}"
    else:
        yield "no running VM has a reference point of change tracking, which proves nothing by itself"


def _is_running(vm: VirtualMachine) -> bool:
    return state_of(vm.state) is VMState.RUNNING


def _major(version: str | None) -> int | None:
    major = (version or "").partition(".")[0]
    return int(major) if major.isdecimal() and len(major) < 4 else None
