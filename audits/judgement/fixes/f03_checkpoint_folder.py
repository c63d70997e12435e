"""F3: move the checkpoint folder beside the disks."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Choice, Fix, Phase, Recipe, Variant
from audits.judgement.fixes.menus import checkpoint_folder, checkpoints, move_storage, vm_menu, vm_settings
from audits.judgement.powershell import Code, commands
from audits.judgement.recovery_checkpoints import RECOVERY

CHOSEN = Code("$Folder")


def _folder_beside_disks(case: Case) -> str | None:
    """The folder of the VM's first virtual disk."""
    disks = (case.vm.disks or ()) if case.vm else ()
    path = disks[0].path if disks else None
    return path.rpartition("\\")[0] or None if path else None


def _checkpoints_first(case: Case) -> tuple[str, ...]:
    kept = [each for each in (case.vm.facts.checkpoints or ()) if each.kind != RECOVERY] if case.vm else []
    if kept or case.vm is None:
        return (
            f"Remove the VM's {checkpoints(case).lower()} first ({vm_menu(case)} > {checkpoints(case)}): while one "
            "exists, the folder cannot be changed freely. That deletes those points in time for good.",
        )
    return ()


def _move_folder(case: Case) -> Recipe:
    folder = _folder_beside_disks(case)
    old = case.vm.facts.checkpoint_path if case.vm else None
    return Recipe(
        phase=Phase.SETTINGS,
        needs_hyper_v_module=True,
        changes_configuration=True,
        by_hand=(
            f"{vm_settings(case)} > {checkpoint_folder(case)}.",
            f"Choose {folder}, the folder of the VM's disk."
            if folder
            else "Choose a folder on the volume of the VM's disks.",
        ),
        choose=() if folder else (Choice("Folder", "a folder on the volume of the VM's disks"),),
        commands=commands("Set-VM -VM $vm -SnapshotFileLocation {folder}", folder=folder or CHOSEN),
        done_already=commands("(Get-VM -Id {vm}).SnapshotFileLocation -eq {folder}", vm=case.vm_id, folder=folder)
        if folder
        else "",
        verify="$vm | Select-Object 'Name', 'SnapshotFileLocation'\nGet-VMHardDiskDrive -VM $vm | Select-Object Path",
        done_when="Folder and disks are on the same volume. Compare volumes, not drive letters, where mount points "
        "or Cluster Shared Volumes are in use.",
        undo=commands("Set-VM -VM $vm -SnapshotFileLocation {folder}", folder=old) if old else "",
        way_back="Set the old folder again, while no checkpoint exists.",
        caveats=(
            *_checkpoints_first(case),
            "Whether Hyper-V lets the folder change while the VM runs is not confirmed. If it refuses, shut the VM "
            "down for it.",
        ),
    )


def _move_disks_together(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.SETTINGS,
        needs_hyper_v_module=True,
        changes_configuration=True,
        by_hand=move_storage(case, "all of it to one volume with room for it"),
        choose=(Choice("Folder", "a folder on a volume with room for all disks of the VM"),),
        commands="Move-VMStorage -VM $vm -DestinationStoragePath $Folder",
        verify="$vm | Select-Object 'Name', 'SnapshotFileLocation'\nGet-VMHardDiskDrive -VM $vm | Select-Object Path",
        done_when="All disks and the folder are on one volume.",
        way_back="Move the storage back the same way.",
        caveats=(
            "The disks lie on several volumes, so no folder can be on the volume of all of them: Microsoft's wording "
            "asks for one volume.",
            "Every disk is copied: check the room first, and not during a backup.",
        ),
    )


def _lies_on_several(case: Case) -> bool:
    return "more than one volume" in case.measured


FIX = Fix(
    id="F3",
    title="Move the checkpoint folder beside the disks",
    why="Microsoft names it as a condition of a live backup that the folder is on the volume of the VM's disks.",
    effort_minutes=10,
    caveat="Remove the VM's checkpoints first.",
    variants=(
        Variant(
            name="disks on several volumes", rules=("VM-SNAPLOC",), when=_lies_on_several, write=_move_disks_together
        ),
        Variant(name="folder elsewhere", rules=("VM-SNAPLOC",), write=_move_folder),
    ),
)
