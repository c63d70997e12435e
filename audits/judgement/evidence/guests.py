"""Section `guests`: services, volumes, disks and writers as a guest itself tells them. Guest-controlled: hostile."""

from typing import Annotated, ClassVar

from msgspec import Meta

from audits.judgement.evidence.services import Service
from audits.judgement.evidence.types import Bytes, Evidence, Guid, Path, Text
from audits.judgement.evidence.writers import Writer

# Far above what an honest Windows lists; a guest that sends more is not believed at all.
_Few = Meta(max_length=256)
_Many = Meta(max_length=1024)


class GuestVolume(Evidence, frozen=True, kw_only=True):
    """One row of the guest's Win32_Volume with DriveType 3, and the kind of partition it lies on."""

    VOLATILE: ClassVar[tuple[str, ...]] = ("free_bytes",)

    volume_id: Path
    name: Path | None = None  # drive letter or mount path
    label: Text | None = None
    file_system: Text | None = None  # None: raw or locked
    capacity_bytes: Bytes | None = None
    free_bytes: Bytes | None = None
    partition_type: Text | None = None  # GptType in lower case with braces, or the MbrType as a number


class GuestShadowStorage(Evidence, frozen=True, kw_only=True):
    """One row of the guest's Win32_ShadowStorage."""

    VOLATILE: ClassVar[tuple[str, ...]] = ("allocated_bytes", "used_bytes")

    volume_id: Path
    diff_volume_id: Path | None = None
    max_bytes: Bytes | None = None
    allocated_bytes: Bytes | None = None
    used_bytes: Bytes | None = None


class GuestDisk(Evidence, frozen=True, kw_only=True):
    """One row of the guest's MSFT_Disk. `is_dynamic`: a partition of it is LDM (GPT GUIDs or MBR 0x42)."""

    number: int
    bus_type: int | None = None  # 9 iSCSI, 10 SAS, 11 SATA, 17 NVMe
    partition_style: int | None = None  # 1 MBR, 2 GPT
    is_dynamic: bool | None = None  # None: its partitions could not be read


class GuestEvent(Evidence, frozen=True, kw_only=True):
    """How often one event of the integration components' backup provider (IcSvc) was logged within the window."""

    VOLATILE: ClassVar[tuple[str, ...]] = ("count",)

    event_id: int
    level: int | None = None
    count: int = 0


class GuestTold(Evidence, frozen=True, kw_only=True):
    """What a guest says of itself. Lists are None where they could not be read; `gaps` says why."""

    os_build: int | None = None
    product_type: int | None = None
    services: Annotated[tuple[Service, ...], _Few] | None = None
    volumes: Annotated[tuple[GuestVolume, ...], _Many] | None = None
    shadow_storage: Annotated[tuple[GuestShadowStorage, ...], _Many] | None = None
    disks: Annotated[tuple[GuestDisk, ...], _Many] | None = None
    writers: Annotated[tuple[Writer, ...], _Few] | None = None
    events: Annotated[tuple[GuestEvent, ...], _Few] | None = None
    scope_snapshots: int | None = None  # DWORD ScopeSnapshots; None: not set, or not read (see gaps)
    gaps: Annotated[tuple[Text, ...], _Few] | None = None  # "what: why", as "shadow_storage: denied"


class GuestReading(GuestTold, frozen=True, kw_only=True):
    """One guest that somebody gave access to: how asking it ended, and what it told.

    Which VM it is, the host says and never the guest. `status` other than ok: nothing is known of the guest.
    """

    VOLATILE: ClassVar[tuple[str, ...]] = ("duration_ms",)

    vm_id: Guid  # lower case
    channel: Text | None = None  # powershell_direct, winrm
    status: Text | None = None  # ok, denied, timed_out, error, skipped
    reason: Text | None = None  # error id or type, or a sentence of ours; never localised text
    duration_ms: int | None = None
    is_windows: bool | None = None


class Guests(Evidence, frozen=True, kw_only=True):
    """The guests that somebody gave access to. A VM without an entry was not asked."""

    guests: tuple[GuestReading, ...] | None = None
