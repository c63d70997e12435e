"""VM-STORAGE: the storage of the VM's configuration and disks is healthy."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import EVERY_HOST, rule
from audits.judgement.view import HostView
from audits.judgement.vm_state import (
    CONFIGURATION_STORAGE_LOST,
    CRITICAL_IO_ERROR,
    DISK_SPACE_LOW,
    state_in_words,
)
from audits.judgement.words import Scope, Section, Severity, VMState


@rule(
    id="VM-STORAGE",
    title="The storage of the VM's configuration and disks is healthy",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS,),
    applies_to=EVERY_HOST,
    sources=("MS-CS", "STUB"),
    fix="F10",
)
def storage_is_healthy(host: HostView) -> Iterator[Statement]:
    """Hyper-V itself reports when it cannot reach the VM's configuration, when the volume of a disk runs full (the
    VM will be paused), and when writes fail. No backup works then. The numbers are read; the words are localised.
    """
    for vm in host.vms:
        statuses = vm.facts.operational_status
        if vm.state is VMState.CRITICAL:
            yield failed(vm, measured=state_in_words(vm.facts.state))
        elif not statuses:
            yield unknown(vm, host.why(Section.VMS, "vms.operational_status"))
        elif CRITICAL_IO_ERROR in statuses:
            yield failed(vm, measured=f"critical I/O error (status {CRITICAL_IO_ERROR})")
        elif statuses[0] == DISK_SPACE_LOW:
            yield failed(vm, measured=f"disk space is running out (status {DISK_SPACE_LOW})")
        elif statuses[0] == CONFIGURATION_STORAGE_LOST:
            yield failed(vm, measured=f"configuration storage unreachable (status {CONFIGURATION_STORAGE_LOST})")
        else:
            yield passed(vm)
