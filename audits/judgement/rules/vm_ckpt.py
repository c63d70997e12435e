"""VM-CKPT: the VM makes production checkpoints."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import SINCE_2016, rule
from audits.judgement.unconfirmed import Unconfirmed
from audits.judgement.view import HostView
from audits.judgement.words import Scope, Section, Severity

DISABLED, PRODUCTION, PRODUCTION_ONLY, STANDARD = 2, 3, 4, 5


@rule(
    id="VM-CKPT",
    title="The VM's checkpoint type is Production",
    scope=Scope.VM,
    severity=Severity.WARNING,
    needs=(Section.VMS,),
    applies_to=SINCE_2016,
    sources=("MS-SETVM", "MS-CKPT"),
    unconfirmed=(
        Unconfirmed("Whether this setting of user checkpoints also changes backup checkpoints (lab question Q3)."),
    ),
    fix="F8",
)
def makes_production_checkpoints(host: HostView) -> Iterator[Statement]:
    """The setting governs checkpoints that people make: switched off, always standard, production with standard as
    the way out, or production and nothing else. No source says whether it also binds the checkpoints of backups, so
    only "disabled" keeps a VM from being called live-ready; the other two are notes.
    """
    for vm in host.vms:
        kind = vm.facts.checkpoint_type
        if kind is None:
            yield unknown(vm, host.why(Section.VMS, "vms.checkpoint_type"))
        elif kind == PRODUCTION:
            yield passed(vm)
        elif kind == DISABLED:
            yield failed(vm, measured="checkpoints disabled")
        elif kind == PRODUCTION_ONLY:
            yield failed(vm, measured="production only", severity=Severity.INFO, is_note=True)
        elif kind == STANDARD:
            yield failed(vm, measured="standard", is_note=True)
        else:
            yield unknown(vm, f"checkpoint type {kind} is not documented")
