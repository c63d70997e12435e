"""Without a number: let the VM run again."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Variant
from audits.judgement.fixes.menus import vm_menu
from audits.judgement.powershell import commands


def _resume(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.SETTINGS,
        needs_hyper_v_module=True,
        by_hand=(f"{vm_menu(case)} > Resume.",),
        commands="Resume-VM -VM $vm",
        done_already=commands("[string](Get-VM -Id {vm}).State -eq 'Running'", vm=case.vm_id),
        verify="$vm | Select-Object 'Name', 'State', 'Status'",
        done_when="State is Running.",
        undo="Suspend-VM -VM $vm",
        way_back="Pause it again.",
        caveats=("Hyper-V pauses a VM by itself when its disk's volume is full: look at the room first.",),
    )


def _start(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.SETTINGS,
        needs_hyper_v_module=True,
        by_hand=(f"{vm_menu(case)} > Start.",),
        commands="Start-VM -VM $vm",
        done_already=commands("[string](Get-VM -Id {vm}).State -eq 'Running'", vm=case.vm_id),
        verify="$vm | Select-Object 'Name', 'State', 'Status'",
        done_when="State is Running.",
        undo="Stop-VM -VM $vm",
        way_back="Shut it down again.",
        caveats=("A VM that is off or saved loses nothing by a backup: start it only if it is meant to run.",),
    )


FIX = Fix(
    id="start",
    title="Let the VM run again",
    why="Only a running guest can answer the request to hold its writes.",
    effort_minutes=2,
    caveat="Hyper-V pauses a VM by itself when its disk's volume is full: look at the room first.",
    variants=(
        Variant(name="paused", rules=("VM-RUN",), when=lambda case: "paused" in case.measured, write=_resume),
        Variant(name="off or saved", rules=("VM-RUN",), write=_start),
    ),
)
