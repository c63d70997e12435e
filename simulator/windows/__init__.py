"""Hyper-V hosts described in the domain's words, and what the probe would read from them.

`windows.host("hv01", build=9600, vms=[windows.vm("SQL01", backup_service=False)])` is a whole host;
`windows.envelope(that, "vms")` is what it answers for a section.
"""

from simulator.windows.cluster import Node, SharedVolume, join
from simulator.windows.envelope import PROBE_VERSION, SCHEMA_VERSION, encode, envelope, guests_envelope
from simulator.windows.fleet import fleet
from simulator.windows.guids import guid
from simulator.windows.host import LoggedEvent, SectionFailure, WindowsHost, host
from simulator.windows.inside import Inside
from simulator.windows.life import BackupRun, Save, Shutdown
from simulator.windows.machine import Checkpoint, Disk, VirtualMachine, disk, vm
from simulator.windows.sections import READERS
from simulator.windows.sections.guests import answer_of as guest_answer
from simulator.windows.source import HostSections
from simulator.windows.storage import DATA, EFI_SYSTEM, RECOVERY, SYSTEM, ShadowStorage, Volume
from simulator.windows.versions import VERSIONS

SECTIONS = tuple(READERS)

__all__ = [
    "DATA",
    "EFI_SYSTEM",
    "PROBE_VERSION",
    "RECOVERY",
    "SCHEMA_VERSION",
    "SECTIONS",
    "SYSTEM",
    "VERSIONS",
    "BackupRun",
    "Checkpoint",
    "Disk",
    "HostSections",
    "Inside",
    "LoggedEvent",
    "Node",
    "Save",
    "SectionFailure",
    "ShadowStorage",
    "SharedVolume",
    "Shutdown",
    "VirtualMachine",
    "Volume",
    "WindowsHost",
    "disk",
    "encode",
    "envelope",
    "fleet",
    "guest_answer",
    "guests_envelope",
    "guid",
    "host",
    "join",
    "vm",
]
