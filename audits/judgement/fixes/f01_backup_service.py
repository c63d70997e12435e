"""F1: offer the backup service to the VM."""

from audits.judgement.evidence.vms import BACKUP_COMPONENT
from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Variant
from audits.judgement.fixes.menus import backup_service, vm_settings
from audits.judgement.powershell import commands

FIND = """\
Get-VMIntegrationService -VM $vm | Where-Object { $_.Id -match {component} }"""


def _switch_on(case: Case) -> Recipe:
    find = commands(FIND, component=BACKUP_COMPONENT)
    ready = commands(
        "(Get-VM -Id {vm} | Get-VMIntegrationService | Where-Object { $_.Id -match {component} }).Enabled",
        vm=case.vm_id,
        component=BACKUP_COMPONENT,
    )
    return Recipe(
        phase=Phase.SETTINGS,
        needs_hyper_v_module=True,
        by_hand=(
            f"{vm_settings(case)} > Management > Integration Services.",
            f"Tick “{backup_service(case)}” and confirm. The VM may run.",
        ),
        commands=f"{find} |\n    Enable-VMIntegrationService",
        done_already=ready,
        verify=f"{find} |\n    Select-Object 'Name', 'Enabled', 'PrimaryOperationalStatus'",
        done_when="Enabled is True and, a minute later, PrimaryOperationalStatus is Ok. Prints nothing: the VM has no "
        "such component, and what gives it one is not confirmed by any source.",
        undo=f"{find} |\n    Disable-VMIntegrationService",
        way_back="Switch it off again the same way.",
        caveats=(
            "Ask first: Microsoft names switching it off as the way to force saved-state backups, so somebody may "
            "have done it on purpose.",
        ),
    )


FIX = Fix(
    id="F1",
    title="Offer the backup service to the VM",
    why="Hyper-V asks the guest to hold its writes through this service, and without it nobody asks.",
    effort_minutes=2,
    caveat="Works while the VM runs. Some people switch the service off to force saved-state backups: ask first.",
    variants=(Variant(name="switched off", rules=("VM-ISBACKUP",), write=_switch_on),),
)
