"""VM-ISBACKUP: the host offers the backup integration service to the VM."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.unconfirmed import OFFLINE_LABEL
from audits.judgement.view import COMPONENT_DISABLED, HostView
from audits.judgement.words import Scope, Section, Severity


@rule(
    id="VM-ISBACKUP",
    title="The backup integration service is offered to the VM",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS,),
    precondition=True,
    sources=("MS-BR", "KB958662", "DPM", "LISTEST"),
    unconfirmed=OFFLINE_LABEL,
    fix="F1",
)
def backup_service_offered(host: HostView) -> Iterator[Statement]:
    """Hyper-V asks the guest to quiesce through the service "Backup (volume checkpoint)". Without it the host's
    VSS writer cannot make a live snapshot of the guest and announces the VM as offline; a backup through Hyper-V
    WMI gets at best a crash-consistent checkpoint. Whether it is offered counts first: a service that is switched
    off can still report OK. Some people switch it off on purpose to force saved-state backups, so ask before fixing.
    """
    for vm in host.vms:
        offered = vm.backup_service_offered
        if offered is None:
            yield unknown(vm, host.why(Section.VMS, "vms.integration"))
        elif offered:
            yield passed(vm)
        elif vm.backup_service is None:
            yield failed(vm, measured="Backup (volume checkpoint): the VM has no such component")
        elif vm.backup_service.secondary_status == COMPONENT_DISABLED:
            yield failed(vm, measured=f"Backup (volume checkpoint): disabled (status {COMPONENT_DISABLED})")
        else:
            yield failed(vm, measured="Backup (volume checkpoint): not offered")
