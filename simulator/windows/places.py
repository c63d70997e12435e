"""Where a VM's files lie: its folder, its disks, and the chain of files behind every disk."""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.windows.guids import guid
from simulator.windows.host import WindowsHost
from simulator.windows.machine import Disk, VirtualMachine
from simulator.windows.storage import GIGABYTE

FORMATS = {"vhd": 2, "vhdx": 3, "vhds": 4}
KINDS = {"fixed": 2, "dynamic": 3, "differencing": 4}
# What Get-VHD reports for a file that is gone, damaged or in use alike: the id is generic, so `exists` must decide.
GET_VHD_FAILED = "OperationFailed,Microsoft.Vhd.PowerShell.Cmdlets.GetVHD"


@dataclass(frozen=True)
class ImageFile:
    """One virtual disk file as Get-VHD reads it; `error`: it could not be, and `exists` says whether it is there."""

    path: str
    format: int
    kind: int
    size_bytes: int
    parent: str | None = None
    exists: bool = True
    error: bool = False


def checkpoint_folder(host: WindowsHost, vm: VirtualMachine) -> str:
    return vm.checkpoint_folder or host.folder_of(vm)


def attached_paths(host: WindowsHost, vm: VirtualMachine) -> list[str]:
    """The file each drive of the VM is connected to; a pass-through disk has none."""
    return [chain(host, vm, number)[0].path for number, disk in enumerate(vm.disks) if disk.number is None]


def chain(host: WindowsHost, vm: VirtualMachine, number: int) -> list[ImageFile]:
    """The files behind one drive, the attached one first. Not for a pass-through disk."""
    disk = vm.disks[number]
    base = list(_base(host, vm, number, disk))
    newest = base[0]
    stem = newest.path.rsplit(".", 1)[0]
    for label in _differences(vm):
        path = f"{stem}_{guid('difference', vm.vm_id, number, label).upper()}.a{disk.format}"
        newest = ImageFile(path, FORMATS[disk.format], KINDS["differencing"], disk.size_gb * GIGABYTE, newest.path)
        base.insert(0, newest)
    return base


def _base(host: WindowsHost, vm: VirtualMachine, number: int, disk: Disk) -> Iterator[ImageFile]:
    path = disk.path or _default_path(host, vm, number, disk)
    size, form = disk.size_gb * GIGABYTE, FORMATS[disk.format]
    parent = disk.parent or (f"{host.vm_root}\\Templates\\base.vhdx" if disk.missing == "parent" else "")
    kind = KINDS["differencing" if parent else disk.kind]
    there = disk.missing != "file"
    yield ImageFile(path, form, kind, size, parent or None, exists=there, error=disk.unreadable or not there)
    if parent:
        gone = disk.missing == "parent"
        yield ImageFile(parent, FORMATS["vhdx"], KINDS["dynamic"], size, exists=not gone, error=gone)


def _default_path(host: WindowsHost, vm: VirtualMachine, number: int, disk: Disk) -> str:
    folder = host.folder_of(vm)
    return f"{folder}\\{folder.rsplit(chr(92), 1)[1]}{f'-{number}' if number else ''}.{disk.format}"


def _differences(vm: VirtualMachine) -> list[str]:
    """One difference file per checkpoint, oldest first; an orphan has a file and no checkpoint."""
    return [f"checkpoint {number}" for number in range(len(vm.checkpoints))] + ["orphan"] * vm.orphan_difference
