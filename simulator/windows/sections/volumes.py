"""Section `volumes`: Win32_Volume, Win32_MountPoint and, for administrators, shadow storage and VSS providers."""

from datetime import datetime

from simulator.windows.guids import guid
from simulator.windows.host import WindowsHost
from simulator.windows.sections.reading import Gap, Reading
from simulator.windows.storage import UNBOUNDED, Volume, bytes_of

SYSTEM_PROVIDER = "b5946137-7b9f-4925-af80-51abd60b20d5"  # Microsoft Software Shadow Copy provider 1.0
# The class answers an account without backup rights with an error; which one is not documented.
NO_RIGHTS = "HRESULT 0x80041003,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"


def read(host: WindowsHost, now: datetime, anchor: datetime) -> Reading:
    gaps = []
    if not host.is_administrator:
        gaps = [Gap("shadow_storage", "denied", NO_RIGHTS), Gap("shadow_providers", "denied", NO_RIGHTS)]
    data: dict[str, object] = {
        "volumes": [_volume(host, volume) for volume in host.volumes] + _shared_volumes(host),
        "mount_points": _mount_points(host),
        "shadow_storage": _shadow_storage(host) if host.is_administrator else None,
        "shadow_providers": _providers(host) if host.is_administrator else None,
        "min_diff_area_megabytes": None,
    }
    return Reading(data, gaps)


def _volume(host: WindowsHost, volume: Volume) -> dict[str, object]:
    identifier = host.volume_id_of(volume)
    readable = volume.file_system is not None
    return {
        "volume_id": identifier,
        "name": volume.name if "\\" in volume.name else identifier,
        "label": volume.label or None,
        "file_system": volume.file_system,
        "capacity_bytes": bytes_of(volume.capacity_gb) if readable else None,
        "free_bytes": bytes_of(volume.free_gb) if readable and volume.free_gb is not None else None,
        "is_system": volume.is_system,
        "is_boot": volume.is_boot,
    }


def _shared_volumes(host: WindowsHost) -> list[dict[str, object]]:
    """Every node lists the cluster's volumes among its own, as file system CSVFS."""
    return [
        {
            "volume_id": csv.volume_id,
            "name": f"{csv.path}\\",
            "label": csv.name,
            "file_system": csv.file_system,
            "capacity_bytes": bytes_of(csv.capacity_gb),
            "free_bytes": bytes_of(csv.free_gb),
            "is_system": False,
            "is_boot": False,
        }
        for csv in (host.cluster.shared_volumes if host.cluster else ())
    ]


def _mount_points(host: WindowsHost) -> list[dict[str, object]]:
    own = [(path, host.volume_id_of(v)) for v in host.volumes for path in (v.name, *v.mounted_at) if "\\" in path]
    shared = [(f"{csv.path}\\", csv.volume_id) for csv in (host.cluster.shared_volumes if host.cluster else ())]
    return [{"path": path, "volume_id": identifier} for path, identifier in own + shared]


def _shadow_storage(host: WindowsHost) -> list[dict[str, object]]:
    ids = {volume.name: host.volume_id_of(volume) for volume in host.volumes}
    return [
        {
            "volume_id": ids[volume.name],
            "diff_volume_id": ids[volume.shadow_storage.on or volume.name],
            "max_bytes": UNBOUNDED if volume.shadow_storage.max_gb is None else bytes_of(volume.shadow_storage.max_gb),
            "allocated_bytes": bytes_of(volume.shadow_storage.allocated_gb),
            "used_bytes": bytes_of(volume.shadow_storage.used_gb),
        }
        for volume in host.volumes
        if volume.shadow_storage is not None
    ]


def _providers(host: WindowsHost) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {
            "provider_id": SYSTEM_PROVIDER,
            "name": "Microsoft Software Shadow Copy provider 1.0",
            "kind": 1,
            "version": "1.0.0.7",
        }
    ]
    if host.hardware_provider:
        identifier = guid("provider", host.hardware_provider)
        rows.append({"provider_id": identifier, "name": host.hardware_provider, "kind": 3, "version": "5.2.0.1"})
    return rows
