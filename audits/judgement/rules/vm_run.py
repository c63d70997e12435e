"""VM-RUN: the VM is running."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import EVERY_HOST, rule
from audits.judgement.unconfirmed import OFFLINE_LABEL
from audits.judgement.view import HostView
from audits.judgement.vm_state import state_in_words
from audits.judgement.words import Scope, Section, Severity, VMState


@rule(
    id="VM-RUN",
    title="The VM is running",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS,),
    precondition=True,
    applies_to=EVERY_HOST,
    sources=("MS-BR", "NBU", "DECOMP"),
    unconfirmed=OFFLINE_LABEL,
)
def vm_is_running(host: HostView) -> Iterator[Statement]:
    """A live backup asks the guest to hold its writes, and only a running guest can answer. A VM that is off or
    saved is copied as it is and loses no service, so that is only noted. A paused VM is handled like one that
    cannot answer. A VM in a critical state is judged by VM-STORAGE.
    """
    for vm in host.vms:
        state = vm.state
        if state is VMState.RUNNING:
            yield passed(vm)
        elif state in (VMState.OFF, VMState.SAVED):
            yield failed(vm, measured=f"{state}: already offline", severity=Severity.INFO, is_note=True)
        elif state is VMState.PAUSED:
            yield failed(vm, measured="paused")
        elif state is VMState.CRITICAL:
            yield not_applicable(vm, "a critical state is judged by VM-STORAGE")
        elif vm.facts.state is None:
            yield unknown(vm, host.why(Section.VMS, "vms.state"))
        else:
            yield unknown(vm, f"the VM is {state_in_words(vm.facts.state)}: ask again when it has settled")
