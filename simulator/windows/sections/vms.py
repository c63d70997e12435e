"""Section `vms`: Get-VM and its companions for every VM, and Get-VHD once for every file behind their disks."""

from datetime import datetime, timedelta

from simulator.windows.guests import GUESTS
from simulator.windows.guids import guid
from simulator.windows.host import WindowsHost
from simulator.windows.machine import Checkpoint, Disk, VirtualMachine
from simulator.windows.places import GET_VHD_FAILED, ImageFile, chain, checkpoint_folder
from simulator.windows.sections.reading import NO_NAMESPACE, Gap, Reading
from simulator.windows.storage import bytes_of
from simulator.windows.times import iso

BACKUP = "5CED1297-4598-4915-A5FC-AD21BB4D02A4"
DATA_EXCHANGE = "2A34B1C2-FD73-4043-8A5B-DD2159BC743F"
GUEST_SERVICES = "6C09BB55-D683-4DA0-8931-C9BF705F6480"
COMPONENTS = (
    BACKUP,
    "84EAAE65-2F2E-45F5-9BB5-0E857DC8EB47",  # heartbeat
    DATA_EXCHANGE,
    "9F8233AC-BE49-4C79-8EE3-E7E1985B2077",  # shutdown
    "2497F4DE-E9FA-4204-80E4-4B75C46419C0",  # time synchronisation
)
# Primary status of an integration component, and the secondary one that goes with it.
ANSWERS: dict[str, tuple[int | None, int | None]] = {
    "ok": (2, None),
    "degraded": (3, 32775),
    "error": (6, None),
    "no_protocol": (7, None),
    "no_contact": (12, None),
    "lost": (13, None),
    "not_reported": (None, None),
}
# InService (11) and what is going on; 23769 is the PowerShell enum's own spelling of 32769.
BUSY = {
    "backup": (11, 32776),
    "merge": (11, 32772),
    "creating_checkpoint": (11, 32768),
    "applying_checkpoint": (11, 23769),
    "deleting_checkpoint": (11, 32770),
    "export": (11, 32773),
}
CHECKPOINT_TYPES = {"disabled": 2, "production": 3, "production_only": 4, "standard": 5}
CHECKPOINT_KINDS = {"standard": 0, "recovery": 1, "planned": 2, "replica": 6}
STOP_ACTIONS = {"turn_off": 2, "save": 3, "shut_down": 4}
START_ACTIONS = {"nothing": 2, "if_it_ran": 3, "always": 4}
REPLICATION_MODES = {"none": 0, "primary": 1, "replica": 2}
REPLICATION_HEALTH = {"normal": 1, "warning": 2, "critical": 3}
REPLICATING = 4
BUSES = {"ide": 0, "scsi": 1}


def read(host: WindowsHost, now: datetime, anchor: datetime) -> Reading:
    if not host.hyper_v:
        gaps = [Gap("registered_count", "absent", NO_NAMESPACE), Gap("vms", "absent", "CommandNotFoundException")]
        return Reading(None, gaps, status="error", reason=f"absent: {NO_NAMESPACE}")
    images = {image.path: image for vm in host.vms for image in _images(host, vm)}
    version = host.version
    with_point = [vm.vm_id for vm in host.vms if vm.has_reference_point]
    data: dict[str, object] = {
        "vms": [_vm(host, vm, anchor) | dict(vm.reports) for vm in host.vms],
        "images": [_image(image) for image in images.values()],
        "registered_count": len(host.vms),
        "reference_point_vm_ids": with_point if version.knows_checkpoint_types else None,
        "rct_vm_ids": with_point if version.knows_checkpoint_types else None,
    }
    return Reading(data, _gaps(host))


def _gaps(host: WindowsHost) -> list[Gap]:
    """What this version's module does not have."""
    version, missing = host.version, []
    if not version.knows_generations:
        missing += ["vms.generation", "vms.version", "vms.disks.persistent_reservations"]
    if not version.knows_checkpoint_types:
        missing += ["vms.checkpoint_type", "reference_point_vm_ids", "rct_vm_ids"]
        missing += ["vms.tpm_enabled", "vms.shielded"]
    if not version.knows_automatic_checkpoints:
        missing += ["vms.automatic_checkpoints", "vms.checkpoints.is_automatic"]
    return [Gap(what, "absent") for what in missing]


def _images(host: WindowsHost, vm: VirtualMachine) -> list[ImageFile]:
    return [image for number, disk in enumerate(vm.disks) if disk.number is None for image in chain(host, vm, number)]


def _image(image: ImageFile) -> dict[str, object]:
    row: dict[str, object] = {"path": image.path, "exists": image.exists}
    if image.error:
        return row | {"error_id": GET_VHD_FAILED}
    return row | {
        "format": image.format,
        "kind": image.kind,
        "size_bytes": image.size_bytes,
        "file_bytes": image.size_bytes if image.kind == 2 else image.size_bytes * 2 // 5,
        "parent_path": image.parent,
        "attached": True,
    }


def _vm(host: WindowsHost, vm: VirtualMachine, anchor: datetime) -> dict[str, object]:
    version, folder = host.version, host.folder_of(vm)
    running = vm.is_running
    # Get-VMSecurity came with 2016, and only generation 2 VMs are asked.
    has_security = version.knows_checkpoint_types and vm.generation == 2
    checkpoints = [_checkpoint(host, vm, number, each, anchor) for number, each in enumerate(vm.checkpoints)]
    return {
        "vm_id": vm.vm_id,
        "name": vm.name,
        "state": vm.state_number,
        "generation": vm.generation if version.knows_generations else None,
        "version": (vm.version or version.vm_version) if version.knows_generations else None,
        "operational_status": list(vm.operational_status or (BUSY[vm.busy] if vm.busy else (2,))),
        "checkpoint_type": CHECKPOINT_TYPES[vm.checkpoint_type] if version.knows_checkpoint_types else None,
        "automatic_checkpoints": vm.automatic_checkpoints if version.knows_automatic_checkpoints else None,
        "stop_action": STOP_ACTIONS[vm.stop_action],
        "start_action": START_ACTIONS[vm.start_action],
        "checkpoint_path": checkpoint_folder(host, vm),
        "configuration_path": folder,
        "parent_checkpoint_id": checkpoints[-1]["checkpoint_id"] if checkpoints else None,
        "is_clustered": host.cluster is not None and vm.clustered is not False,
        "uptime_seconds": int(vm.uptime_hours * 3600) if running else 0,
        "heartbeat": _heartbeat(vm),
        "dynamic_memory": vm.dynamic_memory,
        "memory_assigned_bytes": bytes_of(vm.memory_gb) if running else 0,
        "memory_startup_bytes": bytes_of(vm.memory_gb),
        "replication_mode": REPLICATION_MODES[vm.replication],
        "replication_state": 0 if vm.replication == "none" else REPLICATING,
        "replication_health": 0 if vm.replication == "none" else REPLICATION_HEALTH[vm.replication_health],
        "created_at": iso(anchor.replace(year=anchor.year - 2, month=3, day=14, hour=9)),
        "tpm_enabled": vm.tpm if has_security else None,
        "shielded": vm.shielded if has_security else None,
        "scsi_controllers": vm.scsi_controllers,
        "fibre_channel_adapters": vm.fibre_channel_adapters,
        "integration": _integration(host, vm),
        "disks": [_disk(host, vm, number, each) for number, each in enumerate(vm.disks)],
        "checkpoints": checkpoints,
    }


def _heartbeat(vm: VirtualMachine) -> int | None:
    if not vm.is_running:
        return None
    if vm.backup_answer in ("no_contact", "lost"):
        return 2
    return 5 if GUESTS[vm.guest].linux else 6


def _integration(host: WindowsHost, vm: VirtualMachine) -> list[dict[str, object]]:
    offered = dict.fromkeys(COMPONENTS, True) | {DATA_EXCHANGE: vm.data_exchange}
    if host.version.knows_generations:
        offered[GUEST_SERVICES] = False  # off by default
    if vm.backup_service is None:
        del offered[BACKUP]
    else:
        offered[BACKUP] = vm.backup_service
    rows = []
    for component, enabled in offered.items():
        primary, secondary = ANSWERS[vm.backup_answer if component == BACKUP else "ok"]
        if not vm.is_running:
            primary, secondary = None, None
        rows.append(
            {"component": component, "enabled": enabled, "primary_status": primary, "secondary_status": secondary}
        )
    return rows


def _disk(host: WindowsHost, vm: VirtualMachine, number: int, disk: Disk) -> dict[str, object]:
    bus = disk.bus or ("scsi" if (vm.generation == 2 and host.version.knows_generations) or number > 1 else "ide")
    if disk.number is None:
        path = chain(host, vm, number)[0].path
    else:
        path = f"Disk {disk.number} {disk.size_gb}.00 GB Bus 0 Lun {disk.number} Target 0"
    return {
        "path": path,
        "disk_number": disk.number,
        "controller_type": BUSES[bus],
        "controller_number": 0 if bus == "scsi" else number // 2,
        "controller_location": number if bus == "scsi" else number % 2,
        "persistent_reservations": disk.shared if host.version.knows_generations else None,
    }


def _checkpoint(
    host: WindowsHost, vm: VirtualMachine, number: int, checkpoint: Checkpoint, anchor: datetime
) -> dict[str, object]:
    created = anchor - timedelta(hours=checkpoint.hours_old)
    return {
        "checkpoint_id": guid("checkpoint", vm.vm_id, number),
        "name": checkpoint.name or f"{vm.name} - ({created:%d.%m.%Y - %H:%M:%S})",
        "kind": CHECKPOINT_KINDS[checkpoint.kind],
        "parent_id": guid("checkpoint", vm.vm_id, number - 1) if number else None,
        "is_automatic": checkpoint.automatic if host.version.knows_automatic_checkpoints else None,
        "created_at": iso(created),
    }
