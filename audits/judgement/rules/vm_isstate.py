"""VM-ISSTATE: the backup integration service answers inside the guest."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.unconfirmed import NOTHING, OFFLINE_LABEL, Unconfirmed
from audits.judgement.view import HostView
from audits.judgement.words import Scope, Section, Severity, VMState

OK = 2
DEGRADED = 3  # an older protocol that both sides understand: works
SILENT = {
    6: "error",
    7: "no compatible protocol",
    12: "no contact",
    13: "lost communication",
}
SECONDARY_SILENT = {32782: "application critical", 32783: "timed out", 32784: "failed"}
# The host reports "no contact" while a guest boots; five minutes is what the domain text allows it.
BOOT_SECONDS = 300


@rule(
    id="VM-ISSTATE",
    title="The backup integration service answers inside the guest",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS,),
    precondition=True,
    sources=("MS-BR", "MS-VSSC", "DECOMP", "LISTEST", "KB2956569"),
    unconfirmed=(
        *OFFLINE_LABEL,
        Unconfirmed("That five minutes are enough for every guest to make contact after its start.", weakens=NOTHING),
    ),
    fix="F2",
)
def backup_service_answers(host: HostView) -> Iterator[Statement]:
    """Offering the service is half of it: its counterpart in the guest has to run and answer. Hyper-V Manager
    decides by the same status whether a production checkpoint is possible. "Degraded" means that the two sides
    agreed on an older protocol, which works, and Microsoft says to ignore it for Linux. The status says nothing
    while the service is not offered, and little in the first minutes after a start.
    """
    for vm in host.vms:
        if vm.state is not VMState.RUNNING:
            yield not_applicable(vm, "only a running guest can answer")
        elif vm.backup_service_offered is False:
            yield not_applicable(vm, "the service is not offered: see VM-ISBACKUP")
        elif vm.backup_service is None or vm.backup_service.primary_status is None:
            yield unknown(vm, host.why(Section.VMS, "vms.integration"))
        else:
            primary, secondary = vm.backup_service.primary_status, vm.backup_service.secondary_status
            silent = SILENT.get(primary) or (SECONDARY_SILENT.get(secondary) if secondary is not None else None)
            if silent is not None:
                if vm.facts.uptime_seconds is not None and vm.facts.uptime_seconds < BOOT_SECONDS:
                    yield unknown(vm, f"{silent}, but the VM was started less than five minutes before: ask again")
                else:
                    number = primary if primary in SILENT else secondary
                    yield failed(vm, measured=f"status {number}: {silent}")
            elif primary in (OK, DEGRADED):
                yield passed(vm, "status 3: works with an older protocol" if primary == DEGRADED else None)
            else:
                yield unknown(vm, f"status {primary} is not documented")
