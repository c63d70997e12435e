"""Section `identity`: which Windows this is, what the account may read, and the clock and memory of the host."""

from typing import ClassVar

from audits.judgement.evidence.types import Bytes, Evidence, Text, Time


class Identity(Evidence, frozen=True, kw_only=True):
    """Win32_OperatingSystem, Win32_ComputerSystem and the session's own account."""

    VOLATILE: ClassVar[tuple[str, ...]] = ("now_at", "last_boot_at", "free_memory_bytes")

    computer_name: Text | None = None
    domain: Text | None = None
    os_build: int | None = None
    os_caption: Text | None = None  # localised: display only
    product_type: int | None = None  # 1 client, 2 domain controller, 3 server
    sku: int | None = None
    os_language: int | None = None  # LCID of the installation
    ui_culture: Text | None = None
    powershell_version: Text | None = None
    hyper_v_module_version: Text | None = None  # None: no Hyper-V module
    default_vm_version: Text | None = None  # Get-VMHostSupportedVersion -Default; 2016 and later
    last_boot_at: Time | None = None
    now_at: Time | None = None
    free_memory_bytes: Bytes | None = None
    total_memory_bytes: Bytes | None = None
    account: Text | None = None
    is_administrator: bool | None = None
    is_hyper_v_administrator: bool | None = None
