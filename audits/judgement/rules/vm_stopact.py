"""VM-STOPACT: the VM is not saved when its host shuts down."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.view import HostView
from audits.judgement.words import Scope, Section, Severity

SAVE = 3  # StopAction: 2 turn off, 3 save, 4 shut down


@rule(
    id="VM-STOPACT",
    title="The VM is not saved when its host shuts down",
    scope=Scope.VM,
    severity=Severity.INFO,
    needs=(Section.VMS,),
    sources=("STUB",),
)
def is_not_saved_at_shutdown(host: HostView) -> Iterator[Statement]:
    """Hyper-V saves a VM when its host shuts down, unless told otherwise; that is its default and no fault. It is noted
    because every restart of the host then leaves a save and a restore in the event log, which look like those of a
    backup.
    """
    for vm in host.vms:
        action = vm.facts.stop_action
        if action is None:
            yield unknown(vm, host.why(Section.VMS, "vms.stop_action"))
        elif action == SAVE:
            yield failed(vm, measured="saved at every shutdown of the host", is_note=True)
        else:
            yield passed(vm)
