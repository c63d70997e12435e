"""The inside of a guest in the domain's words: what only the guest itself can tell. A bare one is healthy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from simulator.windows.guids import volume_id
from simulator.windows.storage import bytes_of

GuestService = Literal["running", "stopped", "disabled", "absent"]

# How a guest behaves when it is asked. `refuses`: another password; `floods`: megabytes; `babbles`: text that is no
# answer; `lies`: numbers and lists where none belong.
Behaviour = Literal["answers", "refuses", "hangs", "floods", "babbles", "lies"]

EFI_SYSTEM_PARTITION = "{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}"
RECOVERY_PARTITION = "{de94bba4-06d1-4d40-a16a-bfd50179d6ac}"
BASIC_DATA_PARTITION = "{ebd0a0a2-b9e5-4433-87c0-68b6b72699c7}"

HEALTHY_SERVICES = {
    "VSS": ("Manual", "Stopped"),
    "swprv": ("Manual", "Stopped"),
    "COMSysApp": ("Manual", "Stopped"),
    "MSDTC": ("Auto", "Running"),
    "EventSystem": ("Auto", "Running"),
    "vmicvss": ("Manual", "Running"),
    "RpcSs": ("Auto", "Running"),
    "Winmgmt": ("Auto", "Running"),
}
IN_WORDS = {"running": ("Auto", "Running"), "stopped": ("Manual", "Stopped"), "disabled": ("Disabled", "Stopped")}

WRITERS = {
    "System Writer": "e8132975-6f93-4464-a53e-1050253ae220",
    "Registry Writer": "afbab4a2-367d-4d15-a586-71dbb18f8485",
    "WMI Writer": "a6ad56c2-b509-4e6c-bb19-49d8f43532f0",
    "SqlServerWriter": "a65faa63-5ea8-4ebc-9dbd-a0c4db26912a",
}


@dataclass(frozen=True, kw_only=True)
class Inside:
    """One guest.

    `services`: those whose start mode or state is not the healthy one. `data_file_system`: of its second volume; empty:
    there is none. `shadow_storage_on_data`: the system volume keeps its shadow copies on the data volume.
    `failed_writers`: VSS writers that are failed. `iscsi`: a disk that the guest mounts over iSCSI by itself. `events`:
    ids of the integration components' backup provider and how often each was logged. `unread`: parts that the guest
    could not read, and why. `reports`: fields of the guest's words that it reports otherwise.
    """

    behaves: Behaviour = "answers"
    services: Mapping[str, GuestService] = field(default_factory=dict)
    dynamic_disk: bool = False
    data_file_system: str = ""
    system_free_gb: float = 40.0
    shadow_storage_on_data: bool = False
    failed_writers: tuple[str, ...] = ()
    iscsi: bool = False
    scope_snapshots: int | None = None
    events: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    reports: Mapping[str, object] = field(default_factory=dict)

    @property
    def blocks_snapshots(self) -> bool:
        """Whether Hyper-V's writer would call the VM offline for it (MS-BR).

        Where a guest keeps its shadow copies counted up to 2012 (DPM); whether it still does, no source says.
        """
        return (
            self.dynamic_disk
            or self.data_file_system.upper() in ("FAT", "FAT32", "EXFAT")
            or any(word == "disabled" for name, word in self.services.items() if name != "MSDTC")
        )


def told(inside: Inside, vm_id: str, os_build: int, product_type: int) -> dict[str, object]:
    """What the guest probe would write, field by field."""
    system, efi, recovery, data = (volume_id("guest", vm_id, name) for name in ("C", "EFI", "Recovery", "D"))
    has_data = bool(inside.data_file_system) or inside.shadow_storage_on_data
    volumes = [
        _volume(efi, efi, "FAT32", 0.095, 0.066, EFI_SYSTEM_PARTITION),
        _volume(recovery, recovery, "NTFS", 0.49, 0.08, RECOVERY_PARTITION),
        # The volumes of a dynamic disk are not found under its partitions.
        _volume(
            system, "C:\\", "NTFS", 120.0, inside.system_free_gb, None if inside.dynamic_disk else BASIC_DATA_PARTITION
        ),
    ]
    if has_data:
        volumes.append(_volume(data, "D:\\", inside.data_file_system or "NTFS", 200.0, 150.0, BASIC_DATA_PARTITION))
    document: dict[str, object] = {
        "os_build": os_build,
        "product_type": product_type,
        "services": _services(inside),
        "volumes": volumes,
        "shadow_storage": _shadow_storage(system, data) if inside.shadow_storage_on_data else [],
        "disks": _disks(inside, has_data),
        "writers": [
            {
                "writer_id": identifier,
                "name": name,
                "state": 9 if name in inside.failed_writers else 1,
                "last_error": "Timed out" if name in inside.failed_writers else "No error",
            }
            for name, identifier in WRITERS.items()
        ],
        "events": [
            {"event_id": int(number), "level": 3 if number in ("22", "23") else 2, "count": count}
            for number, count in inside.events.items()
        ],
        "scope_snapshots": inside.scope_snapshots,
        "gaps": [f"{what}: {why}" for what, why in inside.unread.items()],
    }
    return document | {what: None for what in inside.unread if what in document} | dict(inside.reports)


def _services(inside: Inside) -> list[dict[str, object]]:
    present = dict(HEALTHY_SERVICES)
    for name, word in inside.services.items():
        if word == "absent":
            present.pop(name, None)
        else:
            present[name] = IN_WORDS[word]
    return [{"name": name, "start_mode": mode, "state": state} for name, (mode, state) in present.items()]


def _volume(
    identifier: str, name: str, file_system: str, capacity_gb: float, free_gb: float, kind: str | None
) -> dict[str, object]:
    return {
        "volume_id": identifier,
        "name": name,
        "label": None,
        "file_system": file_system,
        "capacity_bytes": bytes_of(capacity_gb),
        "free_bytes": bytes_of(free_gb),
        "partition_type": kind,
    }


def _shadow_storage(volume: str, elsewhere: str) -> list[dict[str, object]]:
    return [
        {
            "volume_id": volume,
            "diff_volume_id": elsewhere,
            "max_bytes": bytes_of(20),
            "allocated_bytes": bytes_of(2),
            "used_bytes": bytes_of(1.5),
        }
    ]


def _disks(inside: Inside, has_data: bool) -> list[dict[str, object]]:
    disks: list[dict[str, object]] = [
        {"number": 0, "bus_type": 10, "partition_style": 2, "is_dynamic": inside.dynamic_disk}
    ]
    if has_data:
        disks.append({"number": 1, "bus_type": 10, "partition_style": 2, "is_dynamic": False})
    if inside.iscsi:
        disks.append({"number": 7, "bus_type": 9, "partition_style": 2, "is_dynamic": False})
    return disks
