"""VM-SCSI: the VM has a SCSI controller."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import SINCE_2012_R2, rule
from audits.judgement.unconfirmed import C, Unconfirmed
from audits.judgement.view import HostView
from audits.judgement.words import HostClass, Scope, Section, Severity


@rule(
    id="VM-SCSI",
    title="The VM has at least one SCSI controller",
    scope=Scope.VM,
    severity=Severity.WARNING,
    severity_on={HostClass.B: Severity.CRITICAL},
    needs=(Section.VMS,),
    applies_to=SINCE_2012_R2,
    sources=("ARMSTRONG", "MS-HIST", "WORKHARD"),
    unconfirmed=(
        Unconfirmed("Since 2016: whether the controller is still needed, on either path (lab question Q8).", C),
    ),
    fix="F4",
)
def has_scsi_controller(host: HostView) -> Iterator[Statement]:
    """Since 2012 R2 the guest rolls its own snapshot back on a disk that Hyper-V adds while the VM runs, and a disk
    can only be added to a SCSI controller. Without one the backup fails with event 10103. An empty controller is
    enough. Generation 2 VMs always have one.
    """
    for vm in host.vms:
        generation, controllers = vm.facts.generation, vm.facts.scsi_controllers
        if generation == 2 or (controllers is not None and controllers > 0):
            yield passed(vm)
        elif controllers is None:
            yield unknown(vm, host.why(Section.VMS, "vms.scsi_controllers"))
        elif generation is None:
            yield unknown(vm, host.why(Section.VMS, "vms.generation"))
        else:
            yield failed(vm, measured="0 SCSI controllers, generation 1")
