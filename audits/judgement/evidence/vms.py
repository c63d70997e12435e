"""Section `vms`: every virtual machine registered on the host, with services, disks, chains and checkpoints."""

from typing import ClassVar

from audits.judgement.evidence.types import Bytes, Evidence, Guid, Path, Text, Time

# Tail of VMIntegrationComponent.Id, the same on every host and in every language (domain text 3.3).
BACKUP_COMPONENT = "5CED1297-4598-4915-A5FC-AD21BB4D02A4"
DATA_EXCHANGE_COMPONENT = "2A34B1C2-FD73-4043-8A5B-DD2159BC743F"


class IntegrationService(Evidence, frozen=True, kw_only=True):
    """One integration component of a VM. A disabled one may still read OK: look at `enabled` first."""

    component: Guid  # upper case, without braces
    enabled: bool | None = None
    primary_status: int | None = None  # 2 OK, 3 degraded, 6 error, 7 no protocol, 12 no contact, 13 lost
    secondary_status: int | None = None


class Disk(Evidence, frozen=True, kw_only=True):
    """One hard disk drive of a VM. `disk_number` is set for a pass-through disk only."""

    path: Path | None = None
    disk_number: int | None = None
    controller_type: int | None = None  # 0 IDE, 1 SCSI, 2 PMEM
    controller_number: int | None = None
    controller_location: int | None = None
    persistent_reservations: bool | None = None  # a shared disk


class Checkpoint(Evidence, frozen=True, kw_only=True):
    checkpoint_id: Guid
    name: Text | None = None
    kind: int | None = None  # SnapshotType: 0 standard, 1 recovery, 2 planned, 6 replica, ...
    parent_id: Guid | None = None
    is_automatic: bool | None = None
    created_at: Time | None = None


class VirtualMachine(Evidence, frozen=True, kw_only=True):
    """What Get-VM and its companions say of one VM."""

    VOLATILE: ClassVar[tuple[str, ...]] = ("uptime_seconds", "memory_assigned_bytes", "heartbeat")

    vm_id: Guid  # lower case
    name: Text = ""
    state: int | None = None  # VMState: 2 running, 3 off, 6 saved, 9 paused, 327xx
    generation: int | None = None
    version: Text | None = None
    operational_status: tuple[int, ...] | None = None
    checkpoint_type: int | None = None  # 2 disabled, 3 production, 4 production only, 5 standard; 2016 and later
    automatic_checkpoints: bool | None = None
    stop_action: int | None = None  # 2 turn off, 3 save, 4 shut down
    start_action: int | None = None  # 2 nothing, 3 start if it ran before, 4 start
    checkpoint_path: Path | None = None  # SnapshotFileLocation
    configuration_path: Path | None = None
    parent_checkpoint_id: Guid | None = None
    is_clustered: bool | None = None
    uptime_seconds: int | None = None
    heartbeat: int | None = None
    dynamic_memory: bool | None = None
    memory_assigned_bytes: Bytes | None = None
    memory_startup_bytes: Bytes | None = None
    replication_mode: int | None = None
    replication_state: int | None = None
    replication_health: int | None = None
    created_at: Time | None = None
    tpm_enabled: bool | None = None  # Get-VMSecurity; 2016 and later
    shielded: bool | None = None
    scsi_controllers: int | None = None
    fibre_channel_adapters: int | None = None
    integration: tuple[IntegrationService, ...] | None = None
    disks: tuple[Disk, ...] | None = None
    checkpoints: tuple[Checkpoint, ...] | None = None


class Image(Evidence, frozen=True, kw_only=True):
    """One virtual disk file, read once however many VMs use it. `exists` None: its folder could not be listed."""

    VOLATILE: ClassVar[tuple[str, ...]] = ("file_bytes", "attached")

    path: Path
    exists: bool | None = None
    format: int | None = None  # 2 VHD, 3 VHDX, 4 VHD set
    kind: int | None = None  # 2 fixed, 3 dynamic, 4 differencing
    size_bytes: Bytes | None = None
    file_bytes: Bytes | None = None
    parent_path: Path | None = None
    attached: bool | None = None
    error_id: Text | None = None  # FullyQualifiedErrorId when Get-VHD failed


class VMs(Evidence, frozen=True, kw_only=True):
    """`registered_count` counts Msvm_ComputerSystem rows of VMs: where it is higher, `vms` is not complete."""

    vms: tuple[VirtualMachine, ...] | None = None
    images: tuple[Image, ...] | None = None
    registered_count: int | None = None
    reference_point_vm_ids: tuple[Guid, ...] | None = None  # VMs with a reference point of any type
    rct_vm_ids: tuple[Guid, ...] | None = None  # of these, with one of change tracking: some product uses path wmi
