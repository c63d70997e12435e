"""F11: bring the clustered VM's resource or the Cluster Shared Volume back."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Variant
from audits.judgement.fixes.menus import vm_menu
from audits.judgement.powershell import Code, commands


def _start_group(case: Case) -> Recipe:
    group = commands("Get-ClusterGroup -VMId {vm}", vm=case.vm_id)
    return Recipe(
        phase=Phase.CLUSTER,
        by_hand=(
            f"{vm_menu(case)}: see why the resource is offline or failed (tab Resources, Critical Events).",
            f"{vm_menu(case)} > Start Role.",
        ),
        commands=f"{group} | Start-ClusterGroup",
        done_already=f"[string]({group}).State -eq 'Online'",
        verify=f"{group} | Select-Object Name, State, OwnerNode\n"
        + commands("Get-ClusterResource -VMId {vm} | Select-Object Name, State", vm=case.vm_id),
        done_when="Group and resource are Online.",
        way_back="Take the role offline again by shutting the guest down. Stop-ClusterGroup would save the VM, as its "
        "default says.",
        caveats=("A resource that failed fails again for the same reason: read its events first.",),
    )


def _volume_back(case: Case) -> Recipe:
    shared = case.volume.shared if case.volume else None
    name: str | Code = shared.name if shared is not None else Code("$Name")
    choose = "" if shared is not None else "$Name = ''   # between the quotes: the name of the Cluster Shared Volume\n"
    find = commands("Get-ClusterSharedVolume | Where-Object { $_.Name -eq {name} }", name=name)
    state = "Get-ClusterSharedVolumeState | Select-Object Name, Node, StateInfo"
    if case.is_before_2012_r2:
        state = "Get-ClusterSharedVolume | Select-Object Name, State, OwnerNode, SharedVolumeInfo"
    return Recipe(
        phase=Phase.CLUSTER,
        by_hand=(
            "Failover Cluster Manager > Storage > Disks > the volume > More Actions > Turn Off Maintenance Mode, or "
            "Turn Off Redirected Access.",
            "If it turns on by itself again: the node has lost its direct way to the disk (cabling, iSCSI, MPIO), or a "
            "backup is running.",
        ),
        commands=f"{choose}{find} | Resume-ClusterResource",
        verify=state,
        done_when="Every node says Direct; a ReFS volume is redirected by design, as far as is known.",
        way_back="Turn maintenance or redirected access on again in the same menu (Suspend-ClusterResource).",
        caveats=(
            "Redirected access during a backup of 2008 R2 and 2012 is normal: look when no backup runs.",
            *(
                ("Up to 2012, back a shared volume up from one node at a time.",)
                if case.is_before_2012_r2
                else ("That the command also ends redirected access, besides maintenance, is not confirmed.",)
            ),
        ),
    )


FIX = Fix(
    id="F11",
    title="Bring the cluster resource or shared volume back",
    why="What the cluster holds offline, or reaches only through another node, is not backed up live.",
    effort_minutes=15,
    caveat="Up to 2012, back up a shared volume from one node at a time.",
    variants=(
        Variant(name="clustered VM", rules=("VM-CLUSTER",), write=_start_group),
        Variant(name="Cluster Shared Volume", rules=("VOL-CSV",), write=_volume_back),
    ),
)
