"""F10: make room, on the host's volume or in the guest, or bring the storage back."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Choice, Fix, Phase, Recipe, Risk, Variant, Where
from audits.judgement.fixes.menus import checkpoints, move_storage, vm_settings
from audits.judgement.powershell import commands, remark

BIGGEST = """\
Get-VM | Get-VMHardDiskDrive | Where-Object { $_.Path } | ForEach-Object { Get-VHD -Path $_.Path } |
    Sort-Object FileSize -Descending | Select-Object -First 20 'Path', 'VhdType', 'FileSize', 'Size'"""
MOVE = "Move-VMStorage -VM $vm -DestinationStoragePath $Folder"
MOVE_ANY = "Get-VM -Id $VMId | Move-VMStorage -DestinationStoragePath $Folder"
ANY_VM = Choice("VMId", "the id of a VM to move, as Get-VM | Select-Object Name, Id tells it")
ELSEWHERE = Choice("Folder", "a folder on another volume with room")


def _volumes(case: Case) -> str:
    read = "Get-WmiObject -Class" if case.is_2008_r2 else "Get-CimInstance -ClassName"
    return f"{read} Win32_Volume | Select-Object 'Name', 'Capacity', 'FreeSpace'"


def _on_the_volume(case: Case) -> Recipe:
    name = f" {remark(case.volume.subject.name)}" if case.volume else ""
    return Recipe(
        phase=Phase.ROOM,
        needs_hyper_v_module=True,
        by_hand=(
            f"Extend the volume{name}: Disk Management > the volume > Extend Volume; on a Cluster Shared Volume "
            "enlarge the LUN first.",
            f"Or remove old {checkpoints(case).lower()} of its VMs, and files that do not belong there.",
            "Or move the storage of one of its VMs to another volume.",
            *move_storage(case, "to a volume with room"),
        ),
        look_first=BIGGEST,
        choose=(ANY_VM, ELSEWHERE),
        commands=MOVE_ANY,
        verify=_volumes(case),
        done_when="At least 20 % is free, the article's rule of thumb; below 320 MB no shadow copy can be made at all.",
        way_back="Move the storage back the same way. A removed checkpoint cannot be brought back.",
        caveats=(
            "The first command only looks: it lists the largest virtual disks. The second moves one VM while it runs.",
            "Shrinking shadow storage also frees room, and deletes shadow copies.",
        ),
    )


def _beside_its_disks(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.ROOM,
        needs_hyper_v_module=True,
        changes_configuration=True,
        by_hand=(
            "Make room on the volume of the VM's disks at once: Hyper-V pauses the VM when it is full.",
            "Or move its storage to another volume.",
            *move_storage(case, "to a volume with room"),
        ),
        choose=(ELSEWHERE,),
        commands=MOVE,
        verify=f"$vm | Select-Object 'Name', 'State', 'Status', 'OperationalStatus'\n{_volumes(case)}",
        done_when="The VM runs, its Status is normal, and the volume has room again.",
        way_back="Move the storage back the same way.",
        caveats=("Not while a merge or a backup runs: moving needs room for all of the VM's disks at the new place.",),
    )


def _unreachable(case: Case) -> Recipe:
    paths = (
        [path for path in (case.vm.facts.configuration_path, *(disk.path for disk in case.vm.disks or ())) if path]
        if case.vm
        else []
    )
    tests = "\n".join(commands("Test-Path -LiteralPath {path}", path=path) for path in dict.fromkeys(paths))
    return Recipe(
        phase=Phase.ROOM,
        needs_hyper_v_module=True,
        by_hand=(
            "See whether host and storage still talk: Disk Management, the storage system, the file server, the "
            "Cluster Shared Volume.",
            "Bring the storage back first. Then start or resume the VM.",
        ),
        commands=f"{tests or 'Get-VMHardDiskDrive -VM $vm | ForEach-Object { Test-Path -LiteralPath $_.Path }'}\n"
        "$vm | Select-Object 'Name', 'State', 'Status', 'OperationalStatus'",
        only_looks=True,
        verify="$vm | Select-Object 'Name', 'State', 'Status', 'OperationalStatus'",
        done_when="Every path is True and the VM is Running with a normal status.",
        way_back="Nothing was changed: the commands only look.",
        caveats=(
            "Copy nothing over the files while the storage comes and goes.",
            "What the storage lacks is not visible from here.",
        ),
    )


def _in_the_guest(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.GUEST,
        where=Where.GUEST,
        by_hand=(
            "In the guest: remove what is not needed (cleanmgr.exe), or enlarge the virtual disk and then the volume.",
            f"{vm_settings(case)} > the hard drive > Edit > Expand; a running VM allows it for a VHDX on a SCSI "
            "controller since 2012 R2.",
            "In the guest: Disk Management > the volume > Extend Volume.",
        ),
        no_commands="Which files may go, only the guest's owner knows.",
        verify="Get-WmiObject -Class Win32_Volume -Filter 'DriveType=3' |\n"
        "    Select-Object 'Name', 'Capacity', 'FreeSpace'",
        done_when="The volume has 20 % free, at the very least 320 MB.",
        way_back="A volume can be shrunk again in Disk Management; a deleted file comes from a backup.",
        caveats=("The percentages are vendors' advice; 320 MB is the smallest diff area of a shadow copy.",),
    )


FIX = Fix(
    id="F10",
    title="Make room",
    why="Checkpoints, merges and shadow copies write beside the disks, and a full volume stops the VM itself.",
    effort_minutes=60,
    risk=Risk.MEDIUM,
    caveat="Or extend the volume, or remove old checkpoints. Shrinking shadow storage deletes shadow copies.",
    variants=(
        Variant(name="volume of the host", rules=("VOL-FREE",), write=_on_the_volume),
        Variant(
            name="volume of the VM's disks is running full",
            rules=("VM-STORAGE",),
            when=lambda case: "space" in case.measured,
            write=_beside_its_disks,
        ),
        Variant(name="storage lost", rules=("VM-STORAGE",), write=_unreachable),
        Variant(name="volume in the guest", rules=("G-FREE",), write=_in_the_guest),
    ),
)
