"""A virtual machine in the domain's words. A bare one is healthy, so a scenario says only what differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from simulator.windows.inside import Inside
from simulator.windows.life import Save

Answer = Literal["ok", "degraded", "error", "no_protocol", "no_contact", "lost", "not_reported"]
Busy = Literal["backup", "merge", "creating_checkpoint", "applying_checkpoint", "deleting_checkpoint", "export"]
Bus = Literal["scsi", "ide"]
DiskFormat = Literal["vhdx", "vhd", "vhds"]
DiskKind = Literal["dynamic", "fixed", "differencing"]
CheckpointKind = Literal["standard", "recovery", "planned", "replica"]
CheckpointType = Literal["disabled", "production", "production_only", "standard"]

# VMState: https://learn.microsoft.com/windows/win32/hyperv_v2/msvm-computersystem and the module's own enum.
STATES = {
    "running": 2,
    "off": 3,
    "stopping": 4,
    "saved": 6,
    "paused": 9,
    "starting": 10,
    "reset": 11,
    "saving": 32773,
    "pausing": 32776,
    "resuming": 32777,
    "fast_saved": 32779,
    "hibernated": 32783,
    "running_critical": 32785,
    "paused_critical": 32789,
}


@dataclass(frozen=True, kw_only=True)
class Disk:
    """One hard disk drive.

    `path` empty: `<VM folder>\\<VM name>.vhdx`. `number`: a pass-through disk, which has no file. `parent`: the file
    this one is a difference to; `missing` names what is not there any more: the file itself or its parent.
    `unreadable`: the file exists, and Get-VHD could not read it.
    """

    path: str = ""
    size_gb: int = 120
    bus: Bus | None = None
    format: DiskFormat = "vhdx"
    kind: DiskKind = "dynamic"
    number: int | None = None
    shared: bool = False
    parent: str = ""
    missing: Literal["", "file", "parent"] = ""
    unreadable: bool = False


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A checkpoint; a `recovery` one is made by a backup and should be gone when the backup is."""

    name: str = ""
    kind: CheckpointKind = "standard"
    hours_old: float = 30.0
    automatic: bool = False


@dataclass(frozen=True, kw_only=True)
class VirtualMachine:
    """One VM.

    `backup_service`: whether the host offers the backup integration service; None: the VM has no such component.
    `backup_answer`: what the service in the guest says. `guest_blocks`: what inside the guest makes the writer call
    the VM offline although the host side is ready ("dynamic disk"); `inside`: what the guest tells of itself where
    somebody has access to it. `stop_action`: not saved when the host shuts down, which is not Hyper-V's default, but
    leaves nothing in the event log that looks like a backup. `caption`: the writer's whole caption, where it is not
    what the facts lead to. `saves`: times in the saved state, as log and jobs tell. `reports`: fields of the evidence
    that this VM reports otherwise, for whatever the words above cannot say.
    """

    name: str
    vm_id: str = ""
    state: str = "running"
    generation: int = 2
    version: str = ""
    guest: str = "windows-2022"
    data_exchange: bool = True
    backup_service: bool | None = True
    backup_answer: Answer = "ok"
    guest_blocks: str = ""
    inside: Inside = field(default_factory=Inside)
    caption: str | None = None
    listed_by_writer: bool = True
    folder: str = ""
    checkpoint_folder: str = ""
    disks: tuple[Disk, ...] = (Disk(),)
    checkpoints: tuple[Checkpoint, ...] = ()
    orphan_difference: bool = False
    scsi_controllers: int = 1
    fibre_channel_adapters: int = 0
    checkpoint_type: CheckpointType = "production"
    automatic_checkpoints: bool = False
    stop_action: Literal["turn_off", "save", "shut_down"] = "shut_down"
    start_action: Literal["nothing", "if_it_ran", "always"] = "if_it_ran"
    tpm: bool = False
    shielded: bool = False
    replication: Literal["none", "primary", "replica"] = "none"
    replication_health: Literal["normal", "warning", "critical"] = "normal"
    busy: Busy | None = None
    operational_status: tuple[int, ...] = ()
    clustered: bool | None = None
    group_state: int = 0
    resource_state: int = 2
    uptime_hours: float = 700.0
    memory_gb: float = 8.0
    dynamic_memory: bool = False
    has_reference_point: bool = False
    saves: tuple[Save, ...] = ()
    reports: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        return self.state == "running"

    @property
    def state_number(self) -> int:
        return STATES[self.state]


def disk(path: str = "", **differs: object) -> Disk:
    """A dynamic VHDX of 120 GB, save for what differs."""
    return Disk(path=path, **differs)  # type: ignore[arg-type]


def vm(name: str, **differs: object) -> VirtualMachine:
    """A healthy running VM, save for what differs. TypeError for a word that a VM does not have."""
    if "state" in differs and differs["state"] not in STATES:
        raise ValueError(f"VM {name!r}: no state is called {differs['state']!r}; there are: {', '.join(STATES)}")
    return VirtualMachine(name=name, **differs)  # type: ignore[arg-type]
