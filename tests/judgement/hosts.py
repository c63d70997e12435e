"""A healthy host in evidence, and the ways tests spoil it: one changed field at a time."""

from typing import Any

from msgspec import structs

from audits.judgement.episodes.known_events import (
    BACKUP,
    CLUSTERING,
    EVENT_LOG,
    KERNEL,
    USER32,
    VMMS,
    VSS,
    WORKER,
    WORKER_LOG,
)
from audits.judgement.evidence import (
    Cluster,
    Gap,
    GuestFacts,
    Guests,
    HostEvidence,
    Identity,
    Jobs,
    SectionReading,
    Services,
    VmEvents,
    VMs,
    Volumes,
    VssEvents,
    Writers,
)
from audits.judgement.evidence.cluster import ClusterGroup, ClusterNode, SharedVolume, SharedVolumeNodeState
from audits.judgement.evidence.event_log import EventLog
from audits.judgement.evidence.guest_facts import Guest
from audits.judgement.evidence.guests import GuestDisk, GuestReading, GuestVolume
from audits.judgement.evidence.services import Service
from audits.judgement.evidence.vm_events import Event, EventMeaning, EventSource
from audits.judgement.evidence.vms import BACKUP_COMPONENT, Disk, Image, IntegrationService, VirtualMachine
from audits.judgement.evidence.volumes import MountPoint, Volume
from audits.judgement.evidence.vss_events import EventCount
from audits.judgement.evidence.writers import HYPER_V_WRITER, Component, Writer
from audits.judgement.words import Section, SectionStatus, WindowsBuild

NOW = "2026-11-23T02:00:00.0000000Z"
VM_ID = "6d0a1f3e-0000-4000-8000-000000000001"
SYSTEM_VOLUME = "\\\\?\\Volume{00000000-0000-0000-0000-0000000000c0}\\"
DATA_VOLUME = "\\\\?\\Volume{00000000-0000-0000-0000-0000000000d0}\\"
DISK_PATH = "D:\\VMs\\SQL01\\SQL01.vhdx"
PARENT_PATH = "D:\\Templates\\base.vhdx"
GIB = 1024**3
BASIC_DATA = "{ebd0a0a2-b9e5-4433-87c0-68b6b72699c7}"
# 96 MB of which little is free: as small and as full as it is on every generation 2 guest.
EFI_PARTITION: dict[str, Any] = {
    "volume_id": "\\\\?\\Volume{efi}\\",
    "name": None,
    "file_system": "FAT32",
    "capacity_bytes": 96 * 1024**2,
    "free_bytes": 20 * 1024**2,
    "partition_type": "{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}",
}
SERVER_2008_R2 = WindowsBuild.SERVER_2008_R2 + 1
SERVER_2012 = WindowsBuild.SERVER_2012
SERVER_2012_R2 = WindowsBuild.SERVER_2012_R2
SERVER_2022 = WindowsBuild.SERVER_2022


def vm(**fields: Any) -> VirtualMachine:
    healthy: dict[str, Any] = {
        "vm_id": VM_ID,
        "name": "SQL01",
        "state": 2,
        "generation": 2,
        "version": "10.0",
        "operational_status": (2,),
        "checkpoint_type": 3,
        "stop_action": 4,
        "start_action": 3,
        "checkpoint_path": "D:\\VMs\\SQL01",
        "configuration_path": "D:\\VMs\\SQL01",
        "is_clustered": False,
        "uptime_seconds": 86400,
        "memory_assigned_bytes": 4 * GIB,
        "memory_startup_bytes": 4 * GIB,
        "replication_mode": 0,
        "tpm_enabled": False,
        "shielded": False,
        "scsi_controllers": 1,
        "fibre_channel_adapters": 0,
        "integration": (IntegrationService(component=BACKUP_COMPONENT, enabled=True, primary_status=2),),
        "disks": (Disk(path=DISK_PATH, controller_type=1, persistent_reservations=False),),
        "checkpoints": (),
    }
    return VirtualMachine(**(healthy | fields))


def image(**fields: Any) -> Image:
    healthy: dict[str, Any] = {"path": DISK_PATH, "exists": True, "format": 3, "kind": 3}
    return Image(**(healthy | fields))


def inside(**fields: Any) -> GuestReading:
    """A healthy Windows guest as it tells of itself: a system disk with its FAT32 EFI partition, services usable."""
    on_demand = [Service(name=name, start_mode="Manual", state="Stopped") for name in ("VSS", "swprv", "COMSysApp")]
    healthy: dict[str, Any] = {
        "vm_id": VM_ID,
        "channel": "powershell_direct",
        "status": "ok",
        "is_windows": True,
        "os_build": SERVER_2022,
        "product_type": 3,
        "services": (
            *on_demand,
            Service(name="MSDTC", start_mode="Auto", state="Running"),
            Service(name="EventSystem", start_mode="Auto", state="Running"),
            Service(name="vmicvss", start_mode="Manual", state="Running"),
        ),
        "volumes": (guest_volume(), guest_volume(**EFI_PARTITION)),
        "shadow_storage": (),
        "disks": (GuestDisk(number=0, bus_type=10, partition_style=2, is_dynamic=False),),
        "writers": (Writer(writer_id="b2014c9e-8711-4c5c-a5a9-3cf384484757", name="SqlServerWriter", state=1),),
        "events": (),
        "scope_snapshots": 0,
        "gaps": (),
    }
    return GuestReading(**(healthy | fields))


def guest_volume(**fields: Any) -> GuestVolume:
    healthy: dict[str, Any] = {
        "volume_id": "\\\\?\\Volume{c}\\",
        "name": "C:\\",
        "file_system": "NTFS",
        "capacity_bytes": 100 * GIB,
        "free_bytes": 60 * GIB,
        "partition_type": BASIC_DATA,
    }
    return GuestVolume(**(healthy | fields))


def volume(**fields: Any) -> Volume:
    healthy: dict[str, Any] = {
        "volume_id": DATA_VOLUME,
        "name": "D:\\",
        "file_system": "NTFS",
        "capacity_bytes": 1000 * GIB,
        "free_bytes": 500 * GIB,
    }
    return Volume(**(healthy | fields))


def healthy_host(build: int = SERVER_2022, **sections: Any) -> HostEvidence:
    """A stand-alone host with one running VM that the writer calls online. `sections` replace whole sections."""
    evidence: dict[str, Any] = {
        "readings": {section: SectionReading(section=section, status=SectionStatus.OK) for section in Section}
        | {
            Section.CLUSTER: SectionReading(
                section=Section.CLUSTER, status=SectionStatus.SKIPPED, reason="the host is in no cluster"
            ),
            Section.GUESTS: SectionReading(
                section=Section.GUESTS, status=SectionStatus.SKIPPED, reason="nobody gave access to a guest"
            ),
        },
        "identity": Identity(
            computer_name="HV0001",
            os_build=build,
            product_type=3,
            default_vm_version="10.0",
            now_at=NOW,
            free_memory_bytes=16 * GIB,
            total_memory_bytes=128 * GIB,
        ),
        "services": Services(services=tuple(_services())),
        "volumes": Volumes(
            volumes=(volume(), volume(volume_id=SYSTEM_VOLUME, name="C:\\")),
            mount_points=(MountPoint(path="D:\\", volume_id=DATA_VOLUME),),
            shadow_storage=(),
            shadow_providers=(),
        ),
        "vms": VMs(vms=(vm(),), images=(image(),), registered_count=1, reference_point_vm_ids=(), rct_vm_ids=()),
        "guest_facts": GuestFacts(
            guests=(Guest(vm_id=VM_ID, os_name="Windows Server 2022", os_version="10.0.20348", os_platform="2"),)
        ),
        "vss_events": VssEvents(
            window_days=14,
            window_from="2026-11-09T02:00:00Z",
            window_to=NOW,
            counts=(),
            logs=(EventLog(log="Application", record_count=9000, oldest_at="2026-10-01T00:00:00Z", readable=True),),
            truncated=False,
        ),
        "vm_events": quiet_log(),
        "jobs": Jobs(jobs=()),
        "writers": Writers(
            writers=(Writer(writer_id=HYPER_V_WRITER, state=1),),
            components=(Component(vm_id=VM_ID, caption="Online\\SQL01"),),
        ),
    }
    return HostEvidence(**(evidence | sections))


def quiet_log(*events: Event, **fields: Any) -> VmEvents:
    """A log that was read whole, reaches back over its look-back, and holds only these events."""
    read: dict[str, Any] = {
        "window_days": 14,
        "window_from": "2026-11-09T00:00:00Z",
        "window_to": NOW,
        "events": events,
        "sources": tuple(
            EventSource(provider=provider, read=True, truncated=False)
            for provider in (WORKER, VMMS, KERNEL, EVENT_LOG, USER32, CLUSTERING, BACKUP, VSS)
        ),
        "logs": (EventLog(log=WORKER_LOG, record_count=900, oldest_at="2026-10-01T00:00:00Z", readable=True),),
        "meanings": tuple(
            EventMeaning(provider=WORKER, event_id=event_id, version=0, level=4) for event_id in (18510, 18596)
        ),
    }
    return VmEvents(**(read | fields))


def _services() -> list[Service]:
    running = [Service(name=name, start_mode="Auto", state="Running") for name in ("vmms", "EventSystem", "RpcSs")]
    on_demand = [Service(name=name, start_mode="Manual", state="Stopped") for name in ("VSS", "swprv", "COMSysApp")]
    return [*running, Service(name="Winmgmt", start_mode="Auto", state="Running"), *on_demand]


def clustered_host(build: int = SERVER_2022, group: dict[str, Any] | None = None, **sections: Any) -> HostEvidence:
    """The same host as a node of a cluster, its VM clustered and on a Cluster Shared Volume."""
    host = with_cluster(healthy_host(build, **sections))
    host = with_vm(host, is_clustered=True, checkpoint_path="C:\\ClusterStorage\\Volume1\\SQL01")
    host = with_vm(
        host,
        configuration_path="C:\\ClusterStorage\\Volume1\\SQL01",
        disks=(Disk(path="C:\\ClusterStorage\\Volume1\\SQL01\\SQL01.vhdx", persistent_reservations=False),),
    )
    host = with_vms(host, images=(image(path="C:\\ClusterStorage\\Volume1\\SQL01\\SQL01.vhdx"),))
    healthy: dict[str, Any] = {
        "name": "SQL01",
        "vm_id": VM_ID,
        "owner_node": "hv0001.contoso.lab",
        "group_state": 0,
        "resource_state": 2,
    }
    return with_cluster(host, groups=(ClusterGroup(**(healthy | (group or {}))),))


def shared_volume(**fields: Any) -> SharedVolume:
    healthy: dict[str, Any] = {
        "name": "Cluster Disk 1",
        "path": "C:\\ClusterStorage\\Volume1",
        "volume_id": "\\\\?\\Volume{00000000-0000-0000-0000-0000000000e0}\\",
        "file_system": "NTFS",
        "capacity_bytes": 1000 * GIB,
        "free_bytes": 500 * GIB,
        "state": 2,
        "fault_state": 0,
        "in_maintenance": False,
        "is_redirected": False,
        "node_states": (SharedVolumeNodeState(node="HV0001", state="Direct", is_direct=True),),
    }
    return SharedVolume(**(healthy | fields))


def with_cluster(host: HostEvidence, **fields: Any) -> HostEvidence:
    cluster = host.cluster or Cluster(
        cluster_name="CL01",
        functional_level=11,
        nodes=(ClusterNode(name="HV0001", build=SERVER_2022), ClusterNode(name="HV0002", build=SERVER_2022)),
        groups=(),
        shared_volumes=(shared_volume(),),
    )
    readings = {**host.readings, Section.CLUSTER: SectionReading(section=Section.CLUSTER, status=SectionStatus.OK)}
    return structs.replace(host, readings=readings, cluster=structs.replace(cluster, **fields))


def with_identity(host: HostEvidence, **fields: Any) -> HostEvidence:
    assert host.identity is not None
    return structs.replace(host, identity=structs.replace(host.identity, **fields))


def with_vms(host: HostEvidence, **fields: Any) -> HostEvidence:
    assert host.vms is not None
    return structs.replace(host, vms=structs.replace(host.vms, **fields))


def with_vm(host: HostEvidence, **fields: Any) -> HostEvidence:
    """The host with its first VM changed."""
    assert host.vms is not None and host.vms.vms
    first, *others = host.vms.vms
    return with_vms(host, vms=(structs.replace(first, **fields), *others))


def with_disk(host: HostEvidence, **fields: Any) -> HostEvidence:
    assert host.vms is not None and host.vms.vms and host.vms.vms[0].disks
    return with_vm(host, disks=(structs.replace(host.vms.vms[0].disks[0], **fields),))


def with_image(host: HostEvidence, *others: Image, **fields: Any) -> HostEvidence:
    assert host.vms is not None and host.vms.images
    return with_vms(host, images=(structs.replace(host.vms.images[0], **fields), *others))


def with_backup_service(host: HostEvidence, **fields: Any) -> HostEvidence:
    healthy: dict[str, Any] = {"component": BACKUP_COMPONENT, "enabled": True, "primary_status": 2}
    return with_vm(host, integration=(IntegrationService(**(healthy | fields)),))


def with_guest(host: HostEvidence, **fields: Any) -> HostEvidence:
    assert host.guest_facts is not None and host.guest_facts.guests
    guest = structs.replace(host.guest_facts.guests[0], **fields)
    return structs.replace(host, guest_facts=GuestFacts(guests=(guest,)))


def with_inside(host: HostEvidence, **fields: Any) -> HostEvidence:
    """The host with somebody's access to the guest, which tells this of itself."""
    reading = SectionReading(section=Section.GUESTS, status=SectionStatus.OK)
    guests = Guests(guests=(inside(**fields),))
    return structs.replace(host, readings={**host.readings, Section.GUESTS: reading}, guests=guests)


def with_guest_service(host: HostEvidence, name: str, **fields: Any) -> HostEvidence:
    services = inside().services or ()
    changed = (structs.replace(service, **fields) if service.name == name else service for service in services)
    return with_inside(host, services=tuple(changed))


def with_volumes(host: HostEvidence, **fields: Any) -> HostEvidence:
    assert host.volumes is not None
    return structs.replace(host, volumes=structs.replace(host.volumes, **fields))


def with_data_volume(host: HostEvidence, **fields: Any) -> HostEvidence:
    assert host.volumes is not None and host.volumes.volumes
    data, *others = host.volumes.volumes
    return with_volumes(host, volumes=(structs.replace(data, **fields), *others))


def with_service(host: HostEvidence, name: str, **fields: Any) -> HostEvidence:
    assert host.services is not None and host.services.services
    services = tuple(
        structs.replace(service, **fields) if service.name == name else service for service in host.services.services
    )
    return structs.replace(host, services=Services(services=services))


def with_caption(host: HostEvidence, caption: str | None) -> HostEvidence:
    return with_writers(host, components=(Component(vm_id=VM_ID, caption=caption),))


def with_writers(host: HostEvidence, **fields: Any) -> HostEvidence:
    assert host.writers is not None
    return structs.replace(host, writers=structs.replace(host.writers, **fields))


def with_events(host: HostEvidence, *counts: tuple[str, int, int], **fields: Any) -> HostEvidence:
    assert host.vss_events is not None
    rows = tuple(EventCount(provider=provider, event_id=number, count=count) for provider, number, count in counts)
    return structs.replace(host, vss_events=structs.replace(host.vss_events, counts=rows, **fields))


def without(
    host: HostEvidence, section: Section, status: SectionStatus | None = SectionStatus.DENIED, reason: str = "no rights"
) -> HostEvidence:
    """The host whose section was not read."""
    readings = {**host.readings, section: SectionReading(section=section, status=status, reason=reason)}
    return structs.replace(host, readings=readings, **{section.value: None})


def with_gap(host: HostEvidence, section: Section, gap: Gap) -> HostEvidence:
    reading = SectionReading(section=section, status=SectionStatus.OK, gaps=(gap,))
    return structs.replace(host, readings={**host.readings, section: reading})
