"""Volumes of a host and where their shadow copies are kept."""

from dataclasses import dataclass

GIGABYTE = 1024**3
UNBOUNDED = 2**64 - 1  # the API's -1: no limit


@dataclass(frozen=True, kw_only=True)
class ShadowStorage:
    """The association of one volume. `on` empty: on the volume itself. `max_gb` None: no limit."""

    on: str = ""
    max_gb: float | None = None
    allocated_gb: float = 0.0
    used_gb: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A fixed volume. `file_system` None: raw or locked. `free_gb` None: Windows did not report it."""

    name: str
    label: str = ""
    file_system: str | None = "NTFS"
    capacity_gb: float = 2048.0
    free_gb: float | None = 900.0
    is_system: bool = False
    is_boot: bool = False
    mounted_at: tuple[str, ...] = ()
    shadow_storage: ShadowStorage | None = None


# What Windows Server's setup leaves behind on a UEFI machine. Both look alarming (FAT32; nearly full) and are not.
EFI_SYSTEM = Volume(name="EFI", file_system="FAT32", capacity_gb=0.095, free_gb=0.066, is_system=True)
RECOVERY = Volume(name="Recovery", label="Recovery", capacity_gb=0.49, free_gb=0.08)

SYSTEM = Volume(name="C:\\", label="System", capacity_gb=120.0, free_gb=70.0, is_boot=True)
DATA = Volume(name="D:\\", label="VMs", capacity_gb=4096.0, free_gb=1480.0)


def bytes_of(gigabytes: float) -> int:
    """Bytes, in whole clusters of 4 KiB as Windows counts them."""
    return int(gigabytes * GIGABYTE) // 4096 * 4096
