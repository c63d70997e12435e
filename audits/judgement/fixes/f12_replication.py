"""F12: resume replication."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Variant
from audits.judgement.fixes.menus import vm_menu
from audits.judgement.rule import SINCE_2012_R2


def _resume(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.SETTINGS,
        needs_hyper_v_module=True,
        by_hand=(
            f"{vm_menu(case)} > Replication > View Replication Health, and read what it says.",
            f"{vm_menu(case)} > Replication > Resume Replication; where it asks for it, Resynchronize.",
        ),
        commands="Resume-VMReplication -VM $vm",
        verify="Get-VMReplication -VM $vm | Select-Object 'VMName', 'State', 'Health', 'LastReplicationTime'",
        done_when="Health is Normal and State is Replicating.",
        undo="Suspend-VMReplication -VM $vm",
        way_back="Pause replication again.",
        caveats=(
            "A resynchronisation compares both copies and may load the network for hours: "
            "Resume-VMReplication -VM $vm -Resynchronize, outside working time.",
        ),
    )


def _is_a_replica(case: Case) -> bool:
    return "of a VM on another host" in case.measured


def _back_up_the_primary(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.ELSEWHERE,
        needs_hyper_v_module=True,
        by_hand=(
            "Back the VM up where it runs, on its primary host, and leave the replica out of this host's job.",
            "A replica is off and written to by its primary: that is how it is meant to be.",
        ),
        no_commands="There is nothing to change on the replica.",
        verify="Get-VMReplication -VM $vm | Select-Object 'VMName', 'Mode', 'PrimaryServer', 'State', 'Health'",
        done_when="The VM is in a job of the host that PrimaryServer names.",
        way_back="Put the replica back into the job.",
    )


FIX = Fix(
    id="F12",
    title="Resume replication",
    why="While replication is broken it holds changes back beside the disks, which then run full.",
    effort_minutes=10,
    caveat="May load the network with a resynchronisation.",
    variants=(
        Variant(
            name="a replica", rules=("VM-REPL",), when=_is_a_replica, classes=SINCE_2012_R2, write=_back_up_the_primary
        ),
        Variant(name="replication stands still", rules=("VM-REPL",), classes=SINCE_2012_R2, write=_resume),
    ),
)
