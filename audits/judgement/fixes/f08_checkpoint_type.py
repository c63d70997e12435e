"""F8: set the checkpoint type to Production."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Variant
from audits.judgement.fixes.menus import vm_settings
from audits.judgement.powershell import Code, commands
from audits.judgement.rule import SINCE_2016

NAMES = {2: "Disabled", 4: "ProductionOnly", 5: "Standard"}


def _set_production(case: Case) -> Recipe:
    before = NAMES.get(case.vm.facts.checkpoint_type or 0) if case.vm else None
    return Recipe(
        phase=Phase.SETTINGS,
        needs_hyper_v_module=True,
        by_hand=(
            f"{vm_settings(case)} > Checkpoints.",
            "Tick “Enable checkpoints” and choose “Production checkpoints”, with standard ones as the way out.",
        ),
        commands="Set-VM -VM $vm -CheckpointType Production",
        done_already=commands("[string](Get-VM -Id {vm}).CheckpointType -eq 'Production'", vm=case.vm_id),
        verify="$vm | Select-Object 'Name', 'CheckpointType'",
        done_when="CheckpointType is Production.",
        undo=commands("Set-VM -VM $vm -CheckpointType {before}", before=Code(before)) if before else "",
        way_back=f"Set it to {before} again." if before else "Set the type that it had.",
        caveats=(
            "Somebody may have chosen the other type on purpose: ask.",
            "Whether this setting changes backups at all is not confirmed by any source.",
        ),
    )


FIX = Fix(
    id="F8",
    title="Set the checkpoint type to Production",
    why="With checkpoints disabled or of another type, a backup may get none, or an inconsistent one.",
    effort_minutes=2,
    caveat="Someone may have chosen the other type on purpose.",
    variants=(Variant(name="another type", rules=("VM-CKPT",), classes=SINCE_2016, write=_set_production),),
)
