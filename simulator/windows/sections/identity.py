"""Section `identity`: Win32_OperatingSystem, Win32_ComputerSystem, the module's version and the session's account."""

from datetime import datetime, timedelta

from simulator.windows.host import WindowsHost
from simulator.windows.sections.reading import Gap, Reading
from simulator.windows.storage import bytes_of
from simulator.windows.times import iso

# Win32_OperatingSystem.OperatingSystemSKU
SKUS = {"standard": 7, "datacenter": 8, "hyper_v_server": 42, "client": 48}
# Win32_OperatingSystem.OSLanguage
LANGUAGE_IDS = {"en-US": 1033, "de-DE": 1031, "fr-FR": 1036, "ja-JP": 1041}
EDITIONS = {"standard": "Standard", "datacenter": "Datacenter"}


def read(host: WindowsHost, now: datetime, anchor: datetime) -> Reading:
    version = host.version
    data: dict[str, object] = {
        "computer_name": host.name.split(".")[0].upper(),
        "domain": host.domain,
        "os_build": host.build,
        "os_caption": _caption(host),
        "product_type": 1 if host.edition == "client" else 3,
        "sku": SKUS[host.edition],
        "os_language": LANGUAGE_IDS[host.language],
        "ui_culture": host.language,
        "powershell_version": version.powershell,
        "hyper_v_module_version": version.hyper_v_module if host.hyper_v else None,
        "default_vm_version": version.vm_version if host.hyper_v and version.knows_checkpoint_types else None,
        "last_boot_at": iso(_last_boot(host, anchor)),
        "now_at": iso(now),
        "free_memory_bytes": bytes_of(host.free_memory_gb),
        "total_memory_bytes": bytes_of(host.total_memory_gb),
        "account": host.account,
        "is_administrator": host.is_administrator,
        "is_hyper_v_administrator": not host.is_administrator,
    }
    gaps = [] if version.knows_checkpoint_types else [Gap("default_vm_version", "absent", "CommandNotFoundException")]
    return Reading(data, gaps)


def _last_boot(host: WindowsHost, anchor: datetime) -> datetime:
    """The last start, be it told as an uptime or as a restart."""
    return max([anchor - timedelta(days=host.uptime_days), *(each.times(anchor)[1] for each in host.shutdowns)])


def _caption(host: WindowsHost) -> str:
    if host.edition == "client":
        return "Microsoft Windows 11 Pro"
    if host.edition == "hyper_v_server":
        return f"Microsoft Hyper-V Server {host.version.year}"
    return f"Microsoft Windows Server {host.version.year} {EDITIONS[host.edition]}"
