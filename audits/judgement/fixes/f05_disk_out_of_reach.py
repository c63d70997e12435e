"""F5: replace the disk that the host cannot back up: pass-through, Fibre Channel, or iSCSI inside the guest."""

from audits.judgement.evidence.vms import Disk
from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Choice, Fix, Phase, Recipe, Risk, Variant, Where
from audits.judgement.fixes.menus import vm_settings
from audits.judgement.powershell import Code, commands
from audits.judgement.rule import SINCE_2012_R2

CONTROLLERS = {0: "IDE", 1: "SCSI"}
EVERY_PASSTHROUGH = "Get-VMHardDiskDrive -VM $vm | Where-Object { $null -ne $_.DiskNumber }"
LIST = (
    f"{EVERY_PASSTHROUGH} |\n    Select-Object 'DiskNumber', 'ControllerType', 'ControllerNumber', 'ControllerLocation'"
)
NEW_FILE = "path of the new .vhdx, on a volume with room for"
COPY = """\
New-VHD -Path {file} -SourceDisk {number} -Dynamic -ErrorAction Stop
Get-VMHardDiskDrive -VM $vm | Where-Object { $_.DiskNumber -eq {number} } | Remove-VMHardDiskDrive
Add-VMHardDiskDrive -VM $vm -Path {file}{place}"""


def _convert_passthrough(case: Case) -> Recipe:
    disks = (case.vm.passthrough or ()) if case.vm else ()
    numbers = ", ".join(str(disk.disk_number) for disk in disks)
    return Recipe(
        phase=Phase.DISKS,
        needs_hyper_v_module=True,
        vm_off=True,
        changes_configuration=True,
        downtime="the VM is off while the disk is copied",
        by_hand=(
            "Shut the VM down. In Disk Management on the host the disk must be offline, as a pass-through disk is.",
            "Hyper-V Manager > New > Hard Disk > VHDX > Dynamically expanding > Copy the contents of the specified "
            f"physical disk: {numbers or 'its number'}.",
            f"{vm_settings(case)}: remove the physical disk, attach the new file at the same controller and location. "
            "Start the VM.",
        ),
        look_first="" if disks else LIST,
        choose=tuple(_file(disk) for disk in disks)
        or (Choice("Number", "the DiskNumber from above"), Choice("NewDisk", f"{NEW_FILE} the disk")),
        commands="\n".join(_copy(disk) for disk in disks)
        or commands(COPY, number=Code("$Number"), file=Code("$NewDisk"), place=Code("")),
        verify=EVERY_PASSTHROUGH,
        done_when="It prints nothing, and the guest shows the data on the new disk.",
        undo=_attach_again(disks),
        way_back="The physical disk keeps its content: with the VM off, detach the new file and attach the disk "
        "again. What was written to the new file since is not on it.",
        caveats=(
            "Keep the physical disk untouched until the first backup was restored in a test.",
            "The new file needs as much room as the disk has data. Or leave the disk and back its data up inside "
            "the guest.",
        ),
    )


def _file(disk: Disk) -> Choice:
    return Choice(f"NewDisk{disk.disk_number or 0}", f"{NEW_FILE} physical disk {disk.disk_number or 0}")


def _copy(disk: Disk) -> str:
    file, place = Code(f"${_file(disk).name}"), Code(_place(disk))
    return commands(COPY, number=disk.disk_number or 0, file=file, place=place)


def _place(disk: Disk) -> str:
    """Where the disk hung, so that the new one gets the same place in the guest."""
    if disk.controller_type not in CONTROLLERS or disk.controller_number is None or disk.controller_location is None:
        return ""
    return (
        f" -ControllerType {CONTROLLERS[disk.controller_type]}"
        f" -ControllerNumber {disk.controller_number} -ControllerLocation {disk.controller_location}"
    )


def _attach_again(disks: tuple[Disk, ...]) -> str:
    return "\n".join(
        commands("Add-VMHardDiskDrive -VM $vm -DiskNumber {number}" + _place(disk), number=disk.disk_number or 0)
        for disk in disks
    )


def _leave_fibre_channel(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.DISKS,
        needs_hyper_v_module=True,
        vm_off=True,
        changes_configuration=True,
        downtime="the VM is off for about 5 min once its data is copied",
        irreversible="the adapter's world-wide names are lost with it; write them down if the fabric knows them",
        by_hand=(
            "Give the VM a VHDX of the size of each Fibre Channel disk and copy the data inside the guest.",
            "Let the guest use the new disks. Check its applications.",
            f"Shut the VM down. {vm_settings(case)} > Fibre Channel Adapter > Remove. Start the VM.",
        ),
        commands="Get-VMFibreChannelHba -VM $vm | Remove-VMFibreChannelHba",
        done_already=commands("@(Get-VM -Id {vm} | Get-VMFibreChannelHba).Count -eq 0", vm=case.vm_id),
        verify="Get-VMFibreChannelHba -VM $vm |\n"
        "    Select-Object 'SanName', 'WorldWideNodeNameSetA', 'WorldWidePortNameSetA'",
        done_when="It prints nothing.",
        way_back="The disks themselves stay on the storage system; a new adapter needs new zoning there.",
        caveats=("Only after the data was copied. Or leave the adapter and back the data up inside the guest.",),
    )


def _leave_iscsi(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.GUEST,
        where=Where.GUEST,
        by_hand=(
            "Back the iSCSI disk up inside the guest, with an agent of the backup product; or",
            "give the VM a VHDX of that size, copy the data in the guest, let the applications use it, and disconnect "
            "the target in iSCSI Initiator (iscsicpl.exe).",
        ),
        no_commands="Which application uses the disk, and how it moves, only its owner knows.",
        verify="Get-Disk | Select-Object 'Number', 'FriendlyName', 'BusType', 'Size'",
        done_when="No disk has the BusType iSCSI, or its data is in a backup made inside the guest.",
        way_back="Connect the target again; its disk keeps its content.",
        caveats=("The host does not see the disk: its data is in no backup of the host, and no message says so.",),
    )


FIX = Fix(
    id="F5",
    title="Replace the disk that the host cannot back up",
    why="The host cannot look into such a disk, so its data is in no backup of the host, and the backup may fail.",
    needs_downtime=True,
    effort_minutes=120,
    risk=Risk.HIGH,
    caveat="The disk must be offline on the host, and the copy needs room. Or back its data up inside the guest.",
    variants=(
        Variant(name="pass-through disk", rules=("VM-PASSTHRU",), write=_convert_passthrough),
        Variant(name="virtual Fibre Channel", rules=("VM-FC",), classes=SINCE_2012_R2, write=_leave_fibre_channel),
        Variant(name="iSCSI inside the guest", rules=("G-ISCSI",), write=_leave_iscsi),
    ),
)
