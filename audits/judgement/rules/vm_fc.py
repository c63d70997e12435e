"""VM-FC: the VM has no virtual Fibre Channel adapter."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import SINCE_2012_R2, rule
from audits.judgement.unconfirmed import FAILURES, Unconfirmed
from audits.judgement.view import HostView
from audits.judgement.words import Confidence, Scope, Section, Severity


@rule(
    id="VM-FC",
    title="The VM has no virtual Fibre Channel adapter",
    scope=Scope.VM,
    severity=Severity.WARNING,
    needs=(Section.VMS,),
    applies_to=SINCE_2012_R2,
    sources=("MS-DIFF",),
    unconfirmed=(
        Unconfirmed(
            "Whether an adapter without any LUN behind it matters: the host does not see the LUNs.",
            weakens=FAILURES,
            at_most=Confidence.MEDIUM,
        ),
    ),
    fix="F5",
)
def no_fibre_channel_adapter(host: HostView) -> Iterator[Statement]:
    """Disks that a VM reaches through virtual Fibre Channel are not in any host backup, and checkpoints of a VM with
    such disks are not supported. No source says what the next backup of the VM makes of that, so it is a warning
    beside the verdict. An adapter list that was not reported is not an empty one.
    """
    for vm in host.vms:
        adapters = vm.facts.fibre_channel_adapters
        if adapters is None:
            yield unknown(vm, host.why(Section.VMS, "vms.fibre_channel_adapters"))
        elif adapters > 0:
            yield failed(vm, measured=f"{adapters} virtual Fibre Channel adapter{'s' if adapters > 1 else ''}")
        else:
            yield passed(vm)
