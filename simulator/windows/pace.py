"""How a host's time is spread over its sections: disks and writers are what takes long on a real one."""

from simulator.windows.host import WindowsHost

SHARES = {
    "identity": 0.05,
    "services": 0.05,
    "volumes": 0.10,
    "cluster": 0.05,
    "vms": 0.35,
    "guest_facts": 0.10,
    "vss_events": 0.10,
    "vm_events": 0.04,
    "jobs": 0.01,
    "writers": 0.10,
    "guests": 0.05,
}


def section_seconds(host: WindowsHost, section: str) -> float:
    """How long this host takes for a section. KeyError for a section that no probe file reads."""
    return host.seconds * SHARES[section]
