"""The scenarios of the rules that speak about the inside of a guest that somebody gave access to."""

from audits.judgement.evidence.guests import GuestDisk, GuestEvent, GuestShadowStorage
from audits.judgement.evidence.services import Service
from audits.judgement.evidence.writers import Writer
from audits.judgement.words import Section, SectionStatus, Severity
from tests.judgement.hosts import (
    EFI_PARTITION,
    GIB,
    SERVER_2008_R2,
    SERVER_2012,
    SERVER_2012_R2,
    guest_volume,
    healthy_host,
    inside,
    with_backup_service,
    with_guest_service,
    with_inside,
    with_vm,
    without,
)
from tests.judgement.scenarios import Scenario, scenario

HOST = healthy_host()
READ = with_inside(HOST)
OTHER_SERVICES = tuple(service for service in inside().services or () if service.name != "vmicvss")
OFF = {"state": 3}
LINUX = {"is_windows": False, "os_build": None, "product_type": None}
DATA = "\\\\?\\Volume{d}\\"
MB = 1024**2


def _daemon(state: str) -> tuple[Service, ...]:
    return (Service(name="hypervvssd", state=state),)


def _disk(**fields: object) -> tuple[GuestDisk, ...]:
    healthy: dict[str, object] = {"number": 1, "bus_type": 10, "partition_style": 2, "is_dynamic": False}
    return (GuestDisk(**(healthy | fields)),)  # type: ignore[arg-type]


def _data(**fields: object) -> tuple[object, ...]:
    """The guest's volumes with one more, which differs."""
    return (
        guest_volume(),
        guest_volume(**EFI_PARTITION),
        guest_volume(**{"volume_id": DATA, "name": "D:\\", "label": "Data", **fields}),
    )


def _storage(**fields: object) -> tuple[GuestShadowStorage, ...]:
    healthy: dict[str, object] = {"volume_id": "\\\\?\\Volume{c}\\", "diff_volume_id": "\\\\?\\Volume{C}\\"}
    return (GuestShadowStorage(**(healthy | fields)),)  # type: ignore[arg-type]


def _writer(state: int | None) -> tuple[Writer, ...]:
    return (Writer(writer_id="b2014c9e-8711-4c5c-a5a9-3cf384484757", name="SqlServerWriter", state=state),)


GUEST_SCENARIOS: tuple[Scenario, ...] = (
    # G-VMICVSS
    scenario("G-VMICVSS", "running", READ, "pass"),
    scenario("G-VMICVSS", "disabled", with_guest_service(HOST, "vmicvss", start_mode="Disabled"), "fail", "disabled"),
    scenario("G-VMICVSS", "not installed", with_inside(HOST, services=OTHER_SERVICES), "fail", "not installed"),
    scenario("G-VMICVSS", "an account that is shown no service", with_inside(HOST, services=()), "unknown", "services"),
    scenario(
        "G-VMICVSS",
        "stopped, and the host hears nothing",
        with_guest_service(with_backup_service(HOST, primary_status=12), "vmicvss", state="Stopped"),
        "fail",
        "vmicvss: Stopped",
    ),
    scenario(
        "G-VMICVSS",
        "stopped while the host hears it",
        with_guest_service(HOST, "vmicvss", state="Stopped"),
        "unknown",
        "ask again",
    ),
    scenario(
        "G-VMICVSS",
        "stopped because the host does not offer it",
        with_guest_service(with_backup_service(HOST, enabled=False), "vmicvss", state="Stopped"),
        "not_applicable",
    ),
    scenario("G-VMICVSS", "missing", with_inside(HOST, services=None), "unknown", "services"),
    scenario(
        "G-VMICVSS",
        "the guest refused",
        with_inside(HOST, status="denied", reason="LogonFailure", services=None),
        "unknown",
        "refused the credential or its rights (LogonFailure)",
    ),
    scenario(
        "G-VMICVSS",
        "the section failed",
        without(HOST, Section.GUESTS, SectionStatus.TIMED_OUT, "it took too long"),
        "unknown",
        "it took too long",
        subject="host",
    ),
    scenario("G-VMICVSS", "Linux", with_inside(HOST, **LINUX), "not_applicable"),
    scenario("G-VMICVSS", "off", with_vm(READ, **OFF), "not_applicable"),
    # G-SVC
    scenario("G-SVC", "stopped and manual is healthy", READ, "pass"),
    scenario("G-SVC", "VSS disabled", with_guest_service(HOST, "VSS", start_mode="Disabled"), "fail", "VSS: disabled"),
    scenario(
        "G-SVC",
        "COM+ events stopped",
        with_guest_service(HOST, "EventSystem", state="Stopped"),
        "fail",
        "EventSystem: Stopped",
        severity=Severity.CRITICAL,
    ),
    scenario(
        "G-SVC",
        "WMI stopped",
        with_inside(HOST, services=(*(inside().services or ()), Service(name="Winmgmt", state="Stopped"))),
        "fail",
        "Winmgmt: Stopped",
    ),
    scenario(
        "G-SVC",
        "the transaction coordinator is only noted",
        with_guest_service(HOST, "MSDTC", start_mode="Disabled"),
        "fail",
        "MSDTC: disabled",
        severity=Severity.WARNING,
    ),
    scenario("G-SVC", "start mode missing", with_guest_service(HOST, "swprv", start_mode=None), "unknown", "swprv"),
    scenario("G-SVC", "missing", with_inside(HOST, services=None, gaps=("services: denied",)), "unknown", "denied"),
    scenario("G-SVC", "Linux", with_inside(HOST, **LINUX), "not_applicable"),
    # G-FS
    scenario("G-FS", "NTFS, and the EFI partition is FAT32", READ, "pass"),
    scenario("G-FS", "exFAT", with_inside(HOST, volumes=_data(file_system="exFAT")), "fail", "D:\\: exFAT"),
    scenario("G-FS", "FAT32", with_inside(HOST, volumes=_data(file_system="FAT32")), "fail", "D:\\: FAT32"),
    scenario(
        "G-FS",
        "FAT32 with a letter, its partition not known",
        with_inside(HOST, volumes=_data(file_system="FAT32", partition_type=None)),
        "fail",
        "FAT32",
    ),
    scenario(
        "G-FS",
        "FAT32 without a letter may be the EFI partition",
        with_inside(HOST, volumes=_data(file_system="FAT32", partition_type=None, name=None)),
        "unknown",
        "EFI",
    ),
    scenario(
        "G-FS",
        "an EFI partition in an MBR",
        with_inside(HOST, volumes=_data(file_system="FAT", partition_type="239")),
        "pass",
    ),
    scenario(
        "G-FS",
        "a recovery partition",
        with_inside(HOST, volumes=_data(file_system="FAT32", partition_type="{DE94BBA4-06D1-4D40-A16A-BFD50179D6AC}")),
        "pass",
    ),
    scenario("G-FS", "ReFS since 2012 R2", with_inside(HOST, volumes=_data(file_system="ReFS")), "pass"),
    scenario(
        "G-FS",
        "ReFS up to 2012",
        with_inside(healthy_host(SERVER_2012), volumes=_data(file_system="ReFS")),
        "unknown",
        "no source",
    ),
    scenario("G-FS", "raw or locked", with_inside(HOST, volumes=_data(file_system=None)), "unknown", "raw or locked"),
    scenario("G-FS", "missing", with_inside(HOST, volumes=None), "unknown", "volumes"),
    scenario("G-FS", "no volume at all is a list that was not read", with_inside(HOST, volumes=()), "unknown"),
    scenario("G-FS", "Linux", with_inside(HOST, **LINUX), "not_applicable"),
    # G-LDM
    scenario("G-LDM", "basic, GPT", READ, "pass"),
    scenario("G-LDM", "basic, MBR", with_inside(HOST, disks=_disk(partition_style=1)), "pass"),
    scenario("G-LDM", "dynamic", with_inside(HOST, disks=_disk(is_dynamic=True)), "fail", "dynamic disk 1"),
    scenario("G-LDM", "partitions not read", with_inside(HOST, disks=_disk(is_dynamic=None)), "unknown"),
    scenario("G-LDM", "missing", with_inside(HOST, disks=None), "unknown", "disks"),
    scenario("G-LDM", "Linux", with_inside(HOST, **LINUX), "not_applicable"),
    # G-SHADOW
    scenario("G-SHADOW", "no assignment is healthy", READ, "pass"),
    scenario("G-SHADOW", "on its own volume", with_inside(HOST, shadow_storage=_storage()), "pass"),
    scenario(
        "G-SHADOW",
        "on another volume",
        with_inside(HOST, volumes=_data(), shadow_storage=_storage(diff_volume_id=DATA)),
        "fail",
        "C:\\ keeps its shadow copies on D:\\",
    ),
    scenario("G-SHADOW", "place missing", with_inside(HOST, shadow_storage=_storage(diff_volume_id=None)), "unknown"),
    scenario(
        "G-SHADOW",
        "missing",
        with_inside(HOST, shadow_storage=None, gaps=("shadow_storage: absent",)),
        "unknown",
        "shadow_storage could not be read: absent",
    ),
    scenario("G-SHADOW", "Linux", with_inside(HOST, **LINUX), "not_applicable"),
    # G-FREE
    scenario("G-FREE", "room, and the full EFI partition does not count", READ, "pass"),
    scenario("G-FREE", "full", with_inside(HOST, volumes=_data(free_bytes=319 * MB)), "fail", "D:\\: 319 MB"),
    scenario(
        "G-FREE",
        "below 10 %",
        with_inside(HOST, volumes=_data(free_bytes=9 * GIB)),
        "fail",
        "9 % free",
        severity=Severity.WARNING,
    ),
    scenario(
        "G-FREE",
        "below 20 %",
        with_inside(HOST, volumes=_data(free_bytes=19 * GIB)),
        "fail",
        "19 % free",
        severity=Severity.INFO,
    ),
    scenario(
        "G-FREE",
        "a small system volume needs little",
        with_inside(HOST, volumes=_data(capacity_bytes=499 * MB, free_bytes=40 * MB)),
        "pass",
    ),
    scenario("G-FREE", "missing is not zero", with_inside(HOST, volumes=_data(free_bytes=None)), "unknown"),
    scenario("G-FREE", "off", with_vm(READ, **OFF), "not_applicable"),
    # G-WRITERS
    scenario("G-WRITERS", "stable", READ, "pass"),
    scenario("G-WRITERS", "waiting for completion is normal", with_inside(HOST, writers=_writer(5)), "pass"),
    scenario(
        "G-WRITERS",
        "failed",
        with_inside(HOST, writers=_writer(8)),
        "fail",
        "SqlServerWriter: state 8",
        severity=Severity.WARNING,
    ),
    scenario(
        "G-WRITERS",
        "a named writer reported a problem",
        with_inside(HOST, events=(GuestEvent(event_id=23, count=2),)),
        "fail",
        "event 23 × 2",
        severity=Severity.WARNING,
    ),
    scenario(
        "G-WRITERS",
        "the snapshot could not be made",
        with_inside(HOST, events=(GuestEvent(event_id=5, count=1),)),
        "fail",
        severity=Severity.CRITICAL,
    ),
    scenario("G-WRITERS", "another event", with_inside(HOST, events=(GuestEvent(event_id=100, count=9),)), "pass"),
    scenario("G-WRITERS", "missing", with_inside(HOST, writers=None), "unknown", "writers"),
    scenario("G-WRITERS", "events missing", with_inside(HOST, events=None), "unknown", "events"),
    scenario("G-WRITERS", "Linux", with_inside(HOST, **LINUX), "not_applicable"),
    # G-ISCSI
    scenario("G-ISCSI", "virtual disks only", READ, "pass"),
    scenario("G-ISCSI", "an iSCSI LUN", with_inside(HOST, disks=_disk(bus_type=9)), "fail", "disk 1"),
    scenario("G-ISCSI", "bus missing", with_inside(HOST, disks=_disk(bus_type=None)), "unknown"),
    scenario("G-ISCSI", "missing", with_inside(HOST, disks=None), "unknown", "disks"),
    scenario("G-ISCSI", "off", with_vm(READ, **OFF), "not_applicable"),
    # G-SCOPE
    scenario("G-SCOPE", "switched off", with_inside(healthy_host(SERVER_2008_R2)), "pass"),
    scenario(
        "G-SCOPE",
        "not set",
        with_inside(healthy_host(SERVER_2008_R2), scope_snapshots=None),
        "fail",
        "not set",
        severity=Severity.CRITICAL,
    ),
    scenario("G-SCOPE", "set to 1", with_inside(healthy_host(SERVER_2008_R2), scope_snapshots=1), "fail", "is 1"),
    scenario(
        "G-SCOPE",
        "not read is not the same as not set",
        with_inside(healthy_host(SERVER_2008_R2), scope_snapshots=None, gaps=("scope_snapshots: denied",)),
        "unknown",
        "denied",
    ),
    scenario("G-SCOPE", "an older guest", with_inside(healthy_host(SERVER_2008_R2), os_build=7601), "not_applicable"),
    scenario("G-SCOPE", "2012", with_inside(healthy_host(SERVER_2012), scope_snapshots=None), "not_applicable"),
    # G-LINUX
    scenario("G-LINUX", "the daemon runs", with_inside(HOST, **LINUX, services=_daemon("Running")), "pass"),
    scenario("G-LINUX", "stopped", with_inside(HOST, **LINUX, services=_daemon("Stopped")), "fail", "hypervvssd"),
    scenario("G-LINUX", "no daemon", with_inside(HOST, **LINUX, services=()), "fail", "not there"),
    scenario("G-LINUX", "missing", with_inside(HOST, **LINUX, services=None), "unknown", "VM-ISSTATE"),
    scenario("G-LINUX", "system not told", with_inside(HOST, is_windows=None), "unknown", "which system"),
    scenario("G-LINUX", "Windows", READ, "not_applicable"),
    scenario("G-LINUX", "up to 2012", with_inside(healthy_host(SERVER_2012), **LINUX), "not_applicable"),
    scenario(
        "G-LINUX", "2012 R2", with_inside(healthy_host(SERVER_2012_R2), **LINUX, services=_daemon("Running")), "pass"
    ),
)
