"""VM-TPM: the VM has no virtual TPM and is not shielded."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import SINCE_2016, rule
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Scope, Section, Severity

FIRST_GENERATION = 1


@rule(
    id="VM-TPM",
    title="The VM has no virtual TPM and is not shielded",
    scope=Scope.VM,
    severity=Severity.INFO,
    needs=(Section.VMS,),
    applies_to=SINCE_2016,
    sources=("BACKUPZIT", "STUB"),
    fix="F14",
)
def no_virtual_tpm(host: HostView) -> Iterator[Statement]:
    """A virtual TPM has no effect on the backup. It matters on the day of the restore: on another host the VM starts
    only with the guardian's certificates, and BitLocker asks for its recovery key. So it is noted, to be thought of in
    time. Generation 1 VMs cannot have one.
    """
    for vm in host.vms:
        yield _judge(host, vm)


def _judge(host: HostView, vm: VMView) -> Statement:
    has_tpm, shielded = vm.facts.tpm_enabled, vm.facts.shielded
    if has_tpm or shielded:
        return failed(vm, measured="shielded" if shielded else "virtual TPM", is_note=True)
    if vm.facts.generation == FIRST_GENERATION:
        return not_applicable(vm, "a generation 1 VM has no virtual TPM")
    if has_tpm is None:
        return unknown(vm, host.why(Section.VMS, "vms.tpm_enabled"))
    if shielded is None:
        return unknown(vm, host.why(Section.VMS, "vms.shielded"))
    return passed(vm)
