"""F4: add a SCSI controller."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Variant
from audits.judgement.fixes.menus import vm_settings
from audits.judgement.powershell import commands
from audits.judgement.rule import SINCE_2012_R2


def _add(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.CONTROLLERS,
        needs_hyper_v_module=True,
        vm_off=True,
        changes_configuration=True,
        downtime="the VM is off for about 2 min",
        by_hand=(
            "Shut the VM down.",
            f"{vm_settings(case)} > Add Hardware > SCSI Controller > Add. It may stay empty.",
            "Start the VM.",
        ),
        commands="Add-VMScsiController -VM $vm",
        done_already=commands("@(Get-VM -Id {vm} | Get-VMScsiController).Count -gt 0", vm=case.vm_id),
        verify="Get-VMScsiController -VM $vm | Select-Object ControllerNumber",
        done_when="One controller is listed, or more.",
        undo="Get-VMScsiController -VM $vm | Remove-VMScsiController",
        way_back="Remove it again with the VM off, as long as no disk hangs on it.",
        caveats=("An empty controller is enough.",)
        if case.is_before_2016
        else ("An empty controller is enough.", "That 2016 and later still need it is not confirmed by any source."),
    )


FIX = Fix(
    id="F4",
    title="Add a SCSI controller",
    why="Since 2012 R2 Hyper-V hands the guest a disk during the backup, which only a SCSI controller can take.",
    needs_downtime=True,
    effort_minutes=10,
    caveat="An empty controller is enough.",
    variants=(Variant(name="no controller", rules=("VM-SCSI",), classes=SINCE_2012_R2, write=_add),),
)
