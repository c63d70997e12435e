"""VOL-SMB: the file share that holds files of a VM takes part in shadow copies."""

from collections.abc import Iterator

from audits.judgement.result import Statement, Subject, not_applicable, unknown
from audits.judgement.rule import ONLY_VSS, SINCE_2012_R2, rule
from audits.judgement.unconfirmed import NOTHING, Unconfirmed
from audits.judgement.view import HostView
from audits.judgement.words import Confidence, ResultWord, Scope, Section, Severity


@rule(
    id="VOL-SMB",
    title="The file share takes part in shadow copies",
    scope=Scope.VOLUME,
    severity=Severity.WARNING,
    needs=(Section.VMS,),
    applies_to=SINCE_2012_R2,
    paths=ONLY_VSS,
    sources=("CLAUSJOR",),
    unconfirmed=(
        Unconfirmed(
            "Whether the file server has its VSS agent and the host's account the right to use it: the host alone "
            "cannot tell, so this check neither passes nor fails.",
            weakens=NOTHING,
        ),
    ),
    fix="F17",
)
def share_supports_vss(host: HostView) -> Iterator[Statement]:
    """VMs on an SMB 3 share can be shadow-copied when the file server runs the File Server VSS Agent and the backup
    may use it. Only the file server knows. Each share that holds disks of a VM is named once, as unknown.
    """
    shares: dict[str, Subject] = {}
    for vm in host.vms:
        for disk in vm.disks or ():
            share = host.places.share_of(disk.path or "")
            if share is not None:
                shares.setdefault(share.lower(), Subject(Scope.VOLUME, share.lower(), share))
    for subject in shares.values():
        reason = "only the file server can say: it needs the File Server VSS Agent (feature FS-VSS-Agent)"
        yield Statement(subject, ResultWord.UNKNOWN, reason=reason, confidence=Confidence.NONE)
    if host.why_use_unknown is not None:
        yield unknown(host, host.why_use_unknown)
    elif not shares:
        yield not_applicable(host, "no VM has disks on a file share")
