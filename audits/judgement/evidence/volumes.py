"""Section `volumes`: fixed volumes of the host, their mount points and their shadow storage."""

from typing import ClassVar

from audits.judgement.evidence.types import Bytes, Evidence, Guid, Path, Text

# MaxSpace of an association without a limit (VSS_ASSOC_NO_MAX_SPACE, -1 as an unsigned number).
UNBOUNDED_BYTES = 2**64 - 1


class Volume(Evidence, frozen=True, kw_only=True):
    """One row of Win32_Volume with DriveType 3."""

    VOLATILE: ClassVar[tuple[str, ...]] = ("free_bytes",)

    volume_id: Path  # DeviceID, \\?\Volume{guid}\
    name: Path | None = None  # drive letter or mount path
    label: Text | None = None
    file_system: Text | None = None  # None: raw or locked
    capacity_bytes: Bytes | None = None
    free_bytes: Bytes | None = None
    is_system: bool | None = None
    is_boot: bool | None = None


class MountPoint(Evidence, frozen=True, kw_only=True):
    """A folder or drive letter under which a volume is reached (Win32_MountPoint)."""

    path: Path
    volume_id: Path


class ShadowStorage(Evidence, frozen=True, kw_only=True):
    """One row of Win32_ShadowStorage: where the shadow copies of a volume are kept, and how much they may take."""

    VOLATILE: ClassVar[tuple[str, ...]] = ("allocated_bytes", "used_bytes")

    volume_id: Path
    diff_volume_id: Path | None = None
    max_bytes: Bytes | None = None
    allocated_bytes: Bytes | None = None
    used_bytes: Bytes | None = None


class ShadowProvider(Evidence, frozen=True, kw_only=True):
    """One VSS provider (Win32_ShadowProvider)."""

    provider_id: Guid
    name: Text | None = None
    kind: int | None = None  # 1 system, 2 software, 3 hardware
    version: Text | None = None


class Volumes(Evidence, frozen=True, kw_only=True):
    """None in a list means it could not be read; an empty list means there is none."""

    volumes: tuple[Volume, ...] | None = None
    mount_points: tuple[MountPoint, ...] | None = None
    shadow_storage: tuple[ShadowStorage, ...] | None = None
    shadow_providers: tuple[ShadowProvider, ...] | None = None
    min_diff_area_megabytes: int | None = None  # registry MinDiffAreaFileSize, None: not set
