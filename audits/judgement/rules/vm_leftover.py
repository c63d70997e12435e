"""VM-LEFTOVER: no old backup left a recovery checkpoint or an orphaned differencing disk behind."""

from collections.abc import Iterator

from audits.judgement.recovery_checkpoints import RECOVERY, created_too_long_ago
from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import SINCE_2012_R2, rule
from audits.judgement.unconfirmed import Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Confidence, Scope, Section, Severity

DIFFERENCING = 4


@rule(
    id="VM-LEFTOVER",
    title="No earlier backup left a checkpoint or differencing disk behind",
    scope=Scope.VM,
    severity=Severity.WARNING,
    needs=(Section.VMS,),
    applies_to=SINCE_2012_R2,
    sources=("KB3059372", "MS-TSBKP", "VERITAS"),
    unconfirmed=(Unconfirmed("That 24 hours separate a running backup from a broken one.", at_most=Confidence.MEDIUM),),
    fix="F7",
)
def nothing_left_behind(host: HostView) -> Iterator[Statement]:
    """A backup makes a recovery checkpoint and removes it at its end. One that stays grows, slows the VM down and
    makes later backups fail; Hyper-V Manager cannot delete it. An .avhdx file that is attached while the VM has no
    checkpoint is what remains of a merge that failed. A differencing disk with another ending is usually meant to
    be one, as in desktop pools.
    """
    for vm in host.vms:
        yield _judge(host, vm)


def _judge(host: HostView, vm: VMView) -> Statement:
    if vm.busy_with is not None:
        return not_applicable(vm, "a backup or merge is under way: see VM-BUSY")
    checkpoints = vm.facts.checkpoints
    if checkpoints is None:
        return unknown(vm, host.why(Section.VMS, "vms.checkpoints"))
    if (since := created_too_long_ago(host, vm)) is not None:
        return failed(vm, measured=f"recovery checkpoint of {since}")
    if not checkpoints:
        return _without_checkpoint(host, vm)
    for checkpoint in checkpoints:
        if checkpoint.kind is None:
            return unknown(vm, host.why(Section.VMS, "vms.checkpoints.kind"))
        if checkpoint.kind == RECOVERY and host.hours_since(checkpoint.created_at) is None:
            return unknown(vm, "the age of a recovery checkpoint is not known")
    return passed(vm)


def _without_checkpoint(host: HostView, vm: VMView) -> Statement:
    """A VM without a checkpoint has no reason to run on an .avhdx file."""
    if vm.disks is None:
        return unknown(vm, host.why(Section.VMS, "vms.disks"))
    why_unknown = None
    for disk in vm.disks:
        path = disk.path or ""
        if path.lower().endswith((".avhdx", ".avhd")):
            image = host.chains.image(path)
            if image is None or image.kind is None:
                why_unknown = host.chains.of(path).why or host.why(Section.VMS, "images.kind")
            elif image.kind == DIFFERENCING:
                return failed(vm, measured=f"{path} without a checkpoint", severity=Severity.CRITICAL)
    return unknown(vm, why_unknown) if why_unknown else passed(vm)
