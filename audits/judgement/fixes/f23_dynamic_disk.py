"""F23: replace the guest's dynamic disk by a basic one."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Choice, Fix, Phase, Recipe, Risk, Variant
from audits.judgement.fixes.menus import vm_settings
from audits.judgement.powershell import Code, commands


def _new_disk(case: Case) -> Recipe:
    is_generation_2 = case.vm is not None and case.vm.facts.generation == 2
    scsi = Code("" if is_generation_2 else " -ControllerType SCSI")
    return Recipe(
        phase=Phase.ELSEWHERE,
        needs_hyper_v_module=True,
        changes_configuration=True,
        downtime="the applications on the disk while its data is copied",
        by_hand=(
            f"{vm_settings(case)} > SCSI Controller > Hard Drive > New: a VHDX of at least the same size.",
            "In the guest: Disk Management > bring it online, as a basic disk with one NTFS volume.",
            "Stop the applications, copy the data (robocopy with its rights), swap the drive letters, start them.",
            "When a backup was restored in a test: detach the old disk. A system disk cannot be copied like this: "
            "restore an image of it to a basic disk.",
        ),
        choose=(
            Choice("NewDisk", "path of the new .vhdx, on the volume of the VM's other disks"),
            Choice("Size", "its size, such as 200GB: at least that of the old disk"),
        ),
        commands=commands(
            "New-VHD -Path $NewDisk -SizeBytes $Size -Dynamic\nAdd-VMHardDiskDrive -VM $vm -Path $NewDisk{scsi}",
            scsi=scsi,
        ),
        verify="Get-VMHardDiskDrive -VM $vm |\n"
        "    Select-Object 'ControllerType', 'ControllerNumber', 'ControllerLocation', 'Path'",
        done_when="The guest's Disk Management shows no dynamic disk, and the old disk is detached.",
        undo="Get-VMHardDiskDrive -VM $vm | Where-Object { $_.Path -eq $NewDisk } | Remove-VMHardDiskDrive",
        way_back="Swap the drive letters back: the old disk is untouched until it is detached and deleted.",
        caveats=(
            "Windows has no supported way from dynamic to basic that keeps the volumes.",
            "The commands only add the empty disk; copying is done in the guest.",
        ),
    )


FIX = Fix(
    id="F23",
    title="Replace the guest's dynamic disk by a basic one",
    why="Microsoft names basic disks as a condition: a guest with a dynamic disk is not backed up live.",
    needs_downtime=True,
    effort_minutes=180,
    risk=Risk.HIGH,
    caveat="Copy the data in the guest, then swap. There is no way back to basic without deleting the volumes.",
    variants=(Variant(name="dynamic disk", rules=("G-LDM",), write=_new_disk),),
)
