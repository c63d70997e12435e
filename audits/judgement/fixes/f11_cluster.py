"""F11: bring the clustered VM's resource or the Cluster Shared Volume back."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Choice, Fix, Phase, Recipe, Variant
from audits.judgement.fixes.menus import role
from audits.judgement.powershell import Code, commands


def _group(case: Case) -> str:
    """The VM's group by the VM's id; 2008 R2 knows groups by their names only."""
    if not case.is_2008_r2:
        return commands("Get-ClusterGroup -VMId {vm}", vm=case.vm_id)
    name: str | Code = case.vm.group.name if case.vm is not None and case.vm.group is not None else Code("$Name")
    return commands("Get-ClusterGroup | Where-Object { $_.Name -eq {name} }", name=name)


def _choose(case: Case) -> tuple[Choice, ...]:
    if case.vm is None and not case.is_2008_r2:
        return (Choice("VMId", "the VM's id, as Get-VM | Select-Object Name, Id tells it"),)
    is_named = case.vm is not None and case.vm.group is not None
    return (Choice("Name", "the name of the VM's group"),) if case.is_2008_r2 and not is_named else ()


def _start_group(case: Case) -> Recipe:
    group = _group(case)
    return Recipe(
        phase=Phase.CLUSTER,
        by_hand=(
            f"{role(case)}: see why the resource is offline or failed (tab Resources, Critical Events).",
            f"{role(case)} > Start Role.",
        ),
        choose=_choose(case),
        commands=f"{group} | Start-ClusterGroup",
        done_already=f"[string]({group}).State -eq 'Online'" if case.vm is not None else "",
        verify="Get-ClusterGroup | Select-Object 'Name', 'State', 'OwnerNode'"
        if _choose(case)
        else f"{group} | Select-Object 'Name', 'State', 'OwnerNode'",
        done_when="The State of the VM's group is Online.",
        way_back="Take the role offline again by shutting the guest down. Stop-ClusterGroup would save the VM, as its "
        "default says.",
        caveats=("A resource that failed fails again for the same reason: read its events first.",),
    )


def _volume_back(case: Case) -> Recipe:
    shared = case.volume.shared if case.volume else None
    name: str | Code = shared.name if shared is not None else Code("$Name")
    find = commands("Get-ClusterSharedVolume | Where-Object { $_.Name -eq {name} }", name=name)
    state = "Get-ClusterSharedVolumeState | Select-Object 'Name', 'Node', 'StateInfo'"
    if case.is_before_2012_r2:
        state = "Get-ClusterSharedVolume | Select-Object 'Name', 'State', 'OwnerNode', 'SharedVolumeInfo'"
    return Recipe(
        phase=Phase.CLUSTER,
        by_hand=(
            "Failover Cluster Manager > Storage > Disks > the volume > More Actions > Turn Off Maintenance Mode, or "
            "Turn Off Redirected Access.",
            "If it turns on by itself again: the node has lost its direct way to the disk (cabling, iSCSI, MPIO), or a "
            "backup is running.",
        ),
        choose=() if shared is not None else (Choice("Name", "the name of the Cluster Shared Volume"),),
        commands=f"{find} | Resume-ClusterResource",
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
