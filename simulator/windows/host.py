"""A Hyper-V host in the domain's words. A bare one is a healthy Windows Server 2022 without VMs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from simulator.windows.cluster import Cluster
from simulator.windows.guids import guid, volume_id
from simulator.windows.life import BackupRun, Shutdown
from simulator.windows.machine import VirtualMachine
from simulator.windows.storage import DATA, EFI_SYSTEM, RECOVERY, SYSTEM, Volume
from simulator.windows.versions import WindowsVersion, version_of

Rights = Literal["administrator", "hyper_v"]
Language = Literal["en-US", "de-DE", "fr-FR", "ja-JP"]
ServiceWord = Literal["running", "stopped", "disabled", "absent"]
SectionEnd = Literal["ok", "error", "timed_out", "denied", "skipped"]


@dataclass(frozen=True, kw_only=True)
class LoggedEvent:
    """Events of one provider and id that the log holds. `level`: 1 critical, 2 error, 3 warning, 4 information.

    `codes`: HRESULTs in the data of the events; the probe reads those of VSS 8193.
    """

    provider: str
    event_id: int
    level: int = 2
    count: int = 1
    hours_ago: float = 20.0
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SectionFailure:
    """A section that does not end well. `gaps` names what it could not read and why."""

    status: SectionEnd = "error"
    reason: str = "Microsoft.Management.Infrastructure.CimException"
    gaps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WindowsHost:
    """One host.

    `hyper_v` False: the role is not installed, it is any other server. `services`: services whose start mode or state
    is not the healthy one. `writers`: VSS writers by name whose state number is not 1 (stable); `hyper_v_writer` None:
    the writer is not registered. `caption_reading`: how diskshadow fares. `sections`: sections that end otherwise than
    this host would end them. `reports`: by section, fields of the evidence that this host reports otherwise.
    `guest_accounts`: user names and passwords that its guests take. `vm_log_days`: how far back the log of the VMs'
    lives reaches. `role_moves`: hours ago at which the cluster moved a role. `seconds`: how long a whole reading takes;
    0 for at once.
    """

    name: str
    build: int = 20348
    domain: str = "corp.example"
    language: Language = "en-US"
    edition: Literal["standard", "datacenter", "hyper_v_server", "client"] = "datacenter"
    account: str = "CORP\\audit"
    hyper_v: bool = True
    rights: Rights = "administrator"
    total_memory_gb: float = 256.0
    free_memory_gb: float = 96.0
    uptime_days: float = 41.0
    vm_root: str = "D:\\Hyper-V"
    volumes: tuple[Volume, ...] = (EFI_SYSTEM, RECOVERY, SYSTEM, DATA)
    vms: tuple[VirtualMachine, ...] = ()
    services: Mapping[str, ServiceWord] = field(default_factory=dict)
    hyper_v_writer: int | None = 1
    writers: Mapping[str, int] = field(default_factory=dict)
    caption_reading: Literal["ok", "absent", "refused"] = "ok"
    hardware_provider: str = ""
    events: tuple[LoggedEvent, ...] = ()
    unreadable_logs: tuple[str, ...] = ()
    vm_log_days: float = 63.0
    backup_runs: tuple[BackupRun, ...] = ()
    shutdowns: tuple[Shutdown, ...] = ()
    role_moves: tuple[float, ...] = ()
    cluster: Cluster | None = None
    sections: Mapping[str, SectionFailure] = field(default_factory=dict)
    reports: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    guest_accounts: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def version(self) -> WindowsVersion:
        return version_of(self.build)

    @property
    def is_administrator(self) -> bool:
        return self.rights == "administrator"

    def volume_id_of(self, volume: Volume) -> str:
        """The volume's device id: the cluster's for a Cluster Shared Volume, else this host's own."""
        return volume_id(self.name, volume.name)

    def volume_under(self, path: str) -> str:
        """The id of the volume that holds a path: longest mount path first. Empty for a share or an unknown path."""
        mounts = [(mount.lower(), self.volume_id_of(v)) for v in self.volumes for mount in (v.name, *v.mounted_at)]
        if self.cluster is not None:
            mounts += [(csv.path.lower() + "\\", csv.volume_id) for csv in self.cluster.shared_volumes]
        fitting = [(len(mount), identifier) for mount, identifier in mounts if path.lower().startswith(mount)]
        return max(fitting)[1] if fitting else ""

    def folder_of(self, vm: VirtualMachine) -> str:
        """The VM's folder. A character that no Windows file name may have is left out, as Hyper-V Manager does."""
        if vm.folder:
            return vm.folder
        plain = "".join(letter for letter in vm.name if letter.isprintable() and letter not in '<>:"/\\|?*').strip()
        return f"{self.vm_root}\\{plain[:80] or vm.vm_id}"


def host(name: str, *, vms: Iterable[VirtualMachine] = (), **differs: object) -> WindowsHost:
    """A healthy host of Windows Server 2022 with these VMs, save for what differs. VMs without an id get theirs."""
    made = WindowsHost(name=name, **differs)  # type: ignore[arg-type]
    return replace(made, vms=tuple(_with_id(made, number, vm) for number, vm in enumerate(vms)))


def _with_id(host: WindowsHost, number: int, vm: VirtualMachine) -> VirtualMachine:
    return vm if vm.vm_id else replace(vm, vm_id=guid("vm", host.domain, host.name, number, vm.name))
