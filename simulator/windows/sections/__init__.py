"""The sections of a host's evidence, one file each, in the order the probe reads them."""

from collections.abc import Callable, Mapping
from datetime import datetime

from simulator.windows.host import WindowsHost
from simulator.windows.sections import (
    cluster,
    guest_facts,
    guests,
    identity,
    jobs,
    services,
    vm_events,
    vms,
    volumes,
    vss_events,
    writers,
)
from simulator.windows.sections.reading import Gap, Reading

READERS: Mapping[str, Callable[[WindowsHost, datetime, datetime], Reading]] = {
    "identity": identity.read,
    "services": services.read,
    "volumes": volumes.read,
    "cluster": cluster.read,
    "vms": vms.read,
    "guest_facts": guest_facts.read,
    "vss_events": vss_events.read,
    "vm_events": vm_events.read,
    "jobs": jobs.read,
    "writers": writers.read,
    "guests": guests.read,
}

__all__ = ["READERS", "Gap", "Reading"]
