"""Guest operating systems by short name, with what they write into Data Exchange."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GuestSystem:
    """The intrinsic Data Exchange items that name an operating system. `linux`: it has no Windows product type."""

    os_name: str
    os_version: str
    os_build: str
    product_type: str | None = "3"  # 1 workstation, 2 domain controller, 3 server
    service_pack: str | None = None
    linux: bool = False
    integration_version: str | None = None


GUESTS = {
    "windows-xp": GuestSystem(
        "Microsoft Windows XP Professional", "5.1", "2600", "1", "Service Pack 3", False, "6.2.9200"
    ),
    "windows-2003": GuestSystem(
        "Microsoft Windows Server 2003 Standard", "5.2", "3790", "3", "Service Pack 2", False, "6.3.9600"
    ),
    "windows-2008r2": GuestSystem(
        "Windows Server 2008 R2 Standard", "6.1", "7601", "3", "Service Pack 1", False, "6.3.9600.18692"
    ),
    "windows-2012": GuestSystem("Windows Server 2012 Standard", "6.2", "9200"),
    "windows-2012r2": GuestSystem("Windows Server 2012 R2 Standard", "6.3", "9600"),
    "windows-2016": GuestSystem("Windows Server 2016 Standard", "10.0", "14393"),
    "windows-2019": GuestSystem("Windows Server 2019 Standard", "10.0", "17763"),
    "windows-2022": GuestSystem("Windows Server 2022 Standard", "10.0", "20348"),
    "windows-2025": GuestSystem("Windows Server 2025 Standard", "10.0", "26100"),
    "windows-10": GuestSystem("Windows 10 Pro", "10.0", "19045", "1"),
    "windows-11": GuestSystem("Windows 11 Enterprise", "10.0", "22631", "1"),
    "ubuntu": GuestSystem("Ubuntu", "5.15.0", "22.04", None, None, True, "3.1"),
    "debian": GuestSystem("Debian GNU/Linux", "6.1.0", "12", None, None, True, "3.1"),
}
