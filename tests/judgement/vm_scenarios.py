"""The scenarios of the rules that speak about a VM."""

from audits.judgement.evidence import GuestFacts
from audits.judgement.evidence.vms import Checkpoint, Disk, Image
from audits.judgement.words import Section, SectionStatus, Severity
from tests.judgement.hosts import (
    DISK_PATH,
    PARENT_PATH,
    SERVER_2008_R2,
    SERVER_2012,
    SERVER_2012_R2,
    clustered_host,
    healthy_host,
    image,
    with_backup_service,
    with_caption,
    with_cluster,
    with_data_volume,
    with_disk,
    with_events,
    with_guest,
    with_identity,
    with_image,
    with_inside,
    with_vm,
    with_vms,
    with_writers,
    without,
)
from tests.judgement.scenarios import Scenario, scenario

HEALTHY = healthy_host()
SHARE = "\\\\files01\\vms\\SQL01\\SQL01.vhdx"
OFF = {"state": 3}
PRIMARY = {"replication_mode": 1, "replication_state": 4, "replication_health": 1}
YOUNG = "2026-11-22T22:00:00Z"
OLD = "2026-11-20T22:00:00Z"


def _recovery(created_at: str | None) -> tuple[Checkpoint, ...]:
    return (Checkpoint(checkpoint_id="c1", kind=1, created_at=created_at),)


def _chain(**parent: object) -> tuple[Image, ...]:
    return (image(path=PARENT_PATH, **parent),)


VM_SCENARIOS: tuple[Scenario, ...] = (
    # VM-RUN
    scenario("VM-RUN", "running", HEALTHY, "pass"),
    scenario("VM-RUN", "off is noted only", with_vm(HEALTHY, **OFF), "fail", "already offline", severity=Severity.INFO),
    scenario("VM-RUN", "saved is noted only", with_vm(HEALTHY, state=6), "fail", "saved", severity=Severity.INFO),
    scenario("VM-RUN", "paused", with_vm(HEALTHY, state=9), "fail", "paused", severity=Severity.CRITICAL),
    scenario("VM-RUN", "critical is another rule's", with_vm(HEALTHY, state=32785), "not_applicable"),
    scenario("VM-RUN", "starting", with_vm(HEALTHY, state=10), "unknown", "starting"),
    scenario("VM-RUN", "missing", with_vm(HEALTHY, state=None), "unknown", "vms.state"),
    # VM-ISBACKUP
    scenario("VM-ISBACKUP", "offered", HEALTHY, "pass"),
    scenario("VM-ISBACKUP", "not offered", with_backup_service(HEALTHY, enabled=False), "fail", "not offered"),
    scenario("VM-ISBACKUP", "no component", with_vm(HEALTHY, integration=()), "fail", "no such component"),
    scenario(
        "VM-ISBACKUP",
        "secondary status says disabled",
        with_backup_service(HEALTHY, secondary_status=32896),
        "fail",
        "disabled",
    ),
    scenario("VM-ISBACKUP", "missing", with_vm(HEALTHY, integration=None), "unknown", "vms.integration"),
    scenario("VM-ISBACKUP", "enabled not read", with_backup_service(HEALTHY, enabled=None), "unknown"),
    scenario("VM-ISBACKUP", "client", with_identity(HEALTHY, product_type=1), "not_applicable"),
    # VM-ISSTATE
    scenario("VM-ISSTATE", "answers", HEALTHY, "pass"),
    scenario("VM-ISSTATE", "degraded works", with_backup_service(HEALTHY, primary_status=3), "pass"),
    scenario(
        "VM-ISSTATE",
        "protocol mismatch works",
        with_backup_service(HEALTHY, primary_status=3, secondary_status=32775),
        "pass",
    ),
    scenario("VM-ISSTATE", "no contact", with_backup_service(HEALTHY, primary_status=12), "fail", "no contact"),
    scenario("VM-ISSTATE", "lost", with_backup_service(HEALTHY, primary_status=13), "fail", "lost communication"),
    scenario("VM-ISSTATE", "no protocol", with_backup_service(HEALTHY, primary_status=7), "fail", "protocol"),
    scenario("VM-ISSTATE", "error", with_backup_service(HEALTHY, primary_status=6), "fail", "error"),
    scenario(
        "VM-ISSTATE",
        "timed out",
        with_backup_service(HEALTHY, secondary_status=32783),
        "fail",
        "32783: timed out",
    ),
    scenario(
        "VM-ISSTATE",
        "still booting",
        with_vm(with_backup_service(HEALTHY, primary_status=12), uptime_seconds=299),
        "unknown",
        "five minutes",
    ),
    scenario("VM-ISSTATE", "off", with_vm(HEALTHY, **OFF), "not_applicable"),
    scenario(
        "VM-ISSTATE",
        "a disabled service that reads OK proves nothing",
        with_backup_service(HEALTHY, enabled=False),
        "not_applicable",
    ),
    scenario("VM-ISSTATE", "missing", with_backup_service(HEALTHY, primary_status=None), "unknown", "integration"),
    # VM-SNAPLOC
    scenario("VM-SNAPLOC", "same volume", HEALTHY, "pass"),
    scenario(
        "VM-SNAPLOC",
        "another volume",
        with_vm(HEALTHY, checkpoint_path="C:\\Snapshots"),
        "fail",
        "checkpoints on C:\\, disks on D:\\",
        severity=Severity.WARNING,
    ),
    scenario(
        "VM-SNAPLOC",
        "another volume on 2012",
        with_vm(healthy_host(SERVER_2012), checkpoint_path="C:\\Snapshots"),
        "fail",
        severity=Severity.CRITICAL,
    ),
    scenario(
        "VM-SNAPLOC",
        "disks on two volumes",
        with_vm(HEALTHY, disks=(Disk(path=DISK_PATH), Disk(path="C:\\VMs\\data.vhdx"))),
        "fail",
        "VHDs on more than one volume",
    ),
    scenario("VM-SNAPLOC", "file share", with_disk(HEALTHY, path=SHARE), "unknown", "file share"),
    scenario(
        "VM-SNAPLOC",
        "one disk on a file share, another on another volume",
        with_vm(HEALTHY, disks=(Disk(path=SHARE), Disk(path="C:\\VMs\\data.vhdx"))),
        "fail",
        "checkpoints on D:\\, disks on C:\\",
    ),
    scenario("VM-SNAPLOC", "no volume there", with_disk(HEALTHY, path="X:\\a.vhdx"), "unknown", "no volume"),
    scenario("VM-SNAPLOC", "volumes not read", without(HEALTHY, Section.VOLUMES), "unknown", "no rights"),
    scenario("VM-SNAPLOC", "missing", with_vm(HEALTHY, checkpoint_path=None), "unknown", "checkpoint_path"),
    scenario("VM-SNAPLOC", "no disk", with_vm(HEALTHY, disks=()), "not_applicable"),
    # VM-SCSI
    scenario("VM-SCSI", "one controller", with_vm(HEALTHY, generation=1), "pass"),
    scenario("VM-SCSI", "generation 2 always has one", with_vm(HEALTHY, scsi_controllers=None), "pass"),
    scenario(
        "VM-SCSI",
        "none on 2012 R2",
        with_vm(healthy_host(SERVER_2012_R2), generation=1, scsi_controllers=0),
        "fail",
        "0 SCSI",
        severity=Severity.CRITICAL,
    ),
    scenario(
        "VM-SCSI",
        "none on 2022",
        with_vm(HEALTHY, generation=1, scsi_controllers=0),
        "fail",
        severity=Severity.WARNING,
    ),
    scenario("VM-SCSI", "a failed read is not zero", with_vm(HEALTHY, generation=1, scsi_controllers=None), "unknown"),
    scenario("VM-SCSI", "2012 has no such need", healthy_host(SERVER_2012), "not_applicable"),
    # VM-PASSTHRU
    scenario("VM-PASSTHRU", "virtual disks only", HEALTHY, "pass"),
    scenario("VM-PASSTHRU", "a physical disk", with_disk(HEALTHY, disk_number=0, path="Disk 0"), "fail", "disk 0"),
    scenario(
        "VM-PASSTHRU",
        "up to 2012 the rest is backed up",
        with_disk(healthy_host(SERVER_2012), disk_number=2),
        "fail",
        severity=Severity.WARNING,
    ),
    scenario("VM-PASSTHRU", "missing", with_vm(HEALTHY, disks=None), "unknown", "vms.disks"),
    scenario("VM-PASSTHRU", "client", with_identity(HEALTHY, product_type=1), "not_applicable"),
    # VM-SHARED
    scenario("VM-SHARED", "not shared", HEALTHY, "pass"),
    scenario("VM-SHARED", "shared VHDX", with_disk(HEALTHY, persistent_reservations=True), "fail", "shared disk"),
    scenario(
        "VM-SHARED",
        "VHD set on 2022",
        with_disk(HEALTHY, persistent_reservations=True, path="D:\\VMs\\set.vhds"),
        "pass",
    ),
    scenario(
        "VM-SHARED",
        "VHD set on 2012 R2",
        with_disk(healthy_host(SERVER_2012_R2), persistent_reservations=True, path="D:\\VMs\\set.vhds"),
        "fail",
    ),
    scenario(
        "VM-SHARED",
        "one disk shared, one not known",
        with_vm(HEALTHY, disks=(Disk(path=DISK_PATH), Disk(path="D:\\VMs\\q.vhdx", persistent_reservations=True))),
        "fail",
        "shared disk",
    ),
    scenario("VM-SHARED", "missing", with_disk(HEALTHY, persistent_reservations=None), "unknown"),
    scenario("VM-SHARED", "2012 cannot share", healthy_host(SERVER_2012), "not_applicable"),
    scenario(
        "VM-SHARED",
        "VHD set whose merges were refused",
        with_events(
            with_disk(HEALTHY, persistent_reservations=True, path="D:\\VMs\\set.vhds"),
            ("Microsoft-Windows-Hyper-V-VMMS", 19100, 2),
        ),
        "pass",
    ),
    # VM-FC
    scenario("VM-FC", "no adapter", HEALTHY, "pass"),
    scenario("VM-FC", "two adapters", with_vm(HEALTHY, fibre_channel_adapters=2), "fail", "2 virtual Fibre Channel"),
    scenario(
        "VM-FC", "a list that was not read is not empty", with_vm(HEALTHY, fibre_channel_adapters=None), "unknown"
    ),
    scenario("VM-FC", "2012", healthy_host(SERVER_2012), "not_applicable"),
    # VM-CHAIN
    scenario("VM-CHAIN", "one file", HEALTHY, "pass"),
    scenario(
        "VM-CHAIN", "a template as parent", with_image(HEALTHY, *_chain(), kind=4, parent_path=PARENT_PATH), "pass"
    ),
    scenario(
        "VM-CHAIN",
        "parent gone",
        with_image(HEALTHY, *_chain(exists=False, format=None), kind=4, parent_path=PARENT_PATH),
        "fail",
        f"missing file {PARENT_PATH}",
    ),
    scenario(
        "VM-CHAIN",
        "in use on another node",
        with_image(HEALTHY, format=None, error_id="OperationFailed"),
        "unknown",
        "exists but could not be opened",
    ),
    scenario(
        "VM-CHAIN",
        "folder not listable",
        with_image(HEALTHY, exists=None, format=None, error_id="OperationFailed"),
        "unknown",
        "could not be listed",
    ),
    scenario("VM-CHAIN", "a loop", with_image(HEALTHY, kind=4, parent_path=DISK_PATH), "fail", "returns to"),
    scenario("VM-CHAIN", "missing", with_vms(HEALTHY, images=None), "unknown", "images"),
    scenario("VM-CHAIN", "no disk", with_vm(HEALTHY, disks=()), "not_applicable"),
    # VM-LEFTOVER
    scenario("VM-LEFTOVER", "nothing left", HEALTHY, "pass"),
    scenario("VM-LEFTOVER", "last night's", with_vm(HEALTHY, checkpoints=_recovery(YOUNG)), "pass"),
    scenario(
        "VM-LEFTOVER",
        "three days old",
        with_vm(HEALTHY, checkpoints=_recovery(OLD)),
        "fail",
        "recovery checkpoint of 2026-11-20",
        severity=Severity.WARNING,
    ),
    scenario(
        "VM-LEFTOVER",
        "an orphaned .avhdx",
        with_image(with_disk(HEALTHY, path="D:\\VMs\\a.avhdx"), path="D:\\VMs\\a.avhdx", kind=4),
        "fail",
        "without a checkpoint",
        severity=Severity.CRITICAL,
    ),
    scenario(
        "VM-LEFTOVER",
        "a differencing .vhdx is meant to be one",
        with_image(HEALTHY, *_chain(), kind=4, parent_path=PARENT_PATH),
        "pass",
    ),
    scenario("VM-LEFTOVER", "age unknown", with_vm(HEALTHY, checkpoints=_recovery(None)), "unknown", "age"),
    scenario("VM-LEFTOVER", "missing", with_vm(HEALTHY, checkpoints=None), "unknown", "vms.checkpoints"),
    scenario("VM-LEFTOVER", "while a backup runs", with_vm(HEALTHY, operational_status=(11, 32776)), "not_applicable"),
    # VM-BUSY
    scenario("VM-BUSY", "idle", HEALTHY, "pass"),
    scenario(
        "VM-BUSY",
        "merging",
        with_vm(HEALTHY, operational_status=(11, 32772)),
        "unknown",
        "merging disks",
        severity=Severity.INFO,
    ),
    scenario(
        "VM-BUSY",
        "the misprinted number counts too",
        with_vm(HEALTHY, operational_status=(11, 23769)),
        "unknown",
        "applying a checkpoint",
    ),
    scenario(
        "VM-BUSY",
        "stuck",
        with_vm(HEALTHY, operational_status=(11, 32776), checkpoints=_recovery(OLD)),
        "fail",
        "being backed up",
    ),
    scenario("VM-BUSY", "missing", with_vm(HEALTHY, operational_status=None), "unknown", "operational_status"),
    # VM-CKPT
    scenario("VM-CKPT", "production", HEALTHY, "pass"),
    scenario("VM-CKPT", "disabled", with_vm(HEALTHY, checkpoint_type=2), "fail", severity=Severity.WARNING),
    scenario("VM-CKPT", "production only", with_vm(HEALTHY, checkpoint_type=4), "fail", severity=Severity.INFO),
    scenario("VM-CKPT", "standard", with_vm(HEALTHY, checkpoint_type=5), "fail", severity=Severity.WARNING),
    scenario("VM-CKPT", "missing", with_vm(HEALTHY, checkpoint_type=None), "unknown", "checkpoint_type"),
    scenario("VM-CKPT", "2012 R2 has no such setting", healthy_host(SERVER_2012_R2), "not_applicable"),
    # VM-VERSION
    scenario("VM-VERSION", "current", HEALTHY, "pass"),
    scenario("VM-VERSION", "10.0 is above 9.0", with_identity(HEALTHY, default_vm_version="9.0"), "pass"),
    scenario("VM-VERSION", "from 2012 R2", with_vm(HEALTHY, version="5.0"), "fail", "5.0", severity=Severity.WARNING),
    scenario("VM-VERSION", "a little old", with_vm(HEALTHY, version="9.0"), "fail", "9.0", severity=Severity.INFO),
    scenario("VM-VERSION", "no number", with_vm(HEALTHY, version="v²"), "unknown"),
    scenario("VM-VERSION", "missing", with_vm(HEALTHY, version=None), "unknown", "vms.version"),
    scenario("VM-VERSION", "default missing", with_identity(HEALTHY, default_vm_version=None), "unknown"),
    scenario("VM-VERSION", "2012 R2", healthy_host(SERVER_2012_R2), "not_applicable"),
    # VM-VHDFMT
    scenario("VM-VHDFMT", "VHDX", HEALTHY, "pass"),
    scenario("VM-VHDFMT", "fixed or dynamic never matters", with_image(HEALTHY, kind=2), "pass"),
    scenario("VM-VHDFMT", "VHD", with_image(HEALTHY, format=2), "fail", "VHD format", severity=Severity.INFO),
    scenario("VM-VHDFMT", "missing", with_image(HEALTHY, format=None), "unknown"),
    scenario("VM-VHDFMT", "2012 R2", healthy_host(SERVER_2012_R2), "not_applicable"),
    # VM-STORAGE
    scenario("VM-STORAGE", "healthy", HEALTHY, "pass"),
    scenario("VM-STORAGE", "space low", with_vm(HEALTHY, operational_status=(5,)), "fail", "status 5"),
    scenario("VM-STORAGE", "configuration lost", with_vm(HEALTHY, operational_status=(3,)), "fail", "status 3"),
    scenario("VM-STORAGE", "I/O error", with_vm(HEALTHY, operational_status=(2, 32795)), "fail", "32795"),
    scenario("VM-STORAGE", "critical state", with_vm(HEALTHY, state=32789), "fail", "state 32789"),
    scenario("VM-STORAGE", "missing", with_vm(HEALTHY, operational_status=None), "unknown", "operational_status"),
    # VM-CLUSTER
    scenario("VM-CLUSTER", "online here", clustered_host(), "pass"),
    scenario("VM-CLUSTER", "resource offline", clustered_host(group={"resource_state": 3}), "fail", "offline"),
    scenario(
        "VM-CLUSTER",
        "group offline",
        clustered_host(group={"resource_state": None, "group_state": 1}),
        "fail",
        "group offline",
    ),
    scenario("VM-CLUSTER", "owned elsewhere", clustered_host(group={"owner_node": "HV0002"}), "unknown", "HV0002"),
    scenario("VM-CLUSTER", "pending", clustered_host(group={"resource_state": 129}), "unknown", "ask again"),
    scenario("VM-CLUSTER", "missing", with_cluster(clustered_host(), groups=None), "unknown", "groups"),
    scenario("VM-CLUSTER", "no group shown", with_cluster(clustered_host(), groups=()), "unknown", "no group"),
    scenario(
        "VM-CLUSTER",
        "clustered, and the cluster service stands still",
        without(clustered_host(), Section.CLUSTER, SectionStatus.SKIPPED, "no running cluster service"),
        "unknown",
        "no running cluster service",
    ),
    scenario("VM-CLUSTER", "no cluster", HEALTHY, "not_applicable"),
    scenario(
        "VM-CLUSTER",
        "off on purpose",
        with_vm(clustered_host(group={"resource_state": 3}), **OFF),
        "not_applicable",
    ),
    # VM-REPL
    scenario("VM-REPL", "primary and healthy", with_vm(HEALTHY, **PRIMARY), "pass"),
    scenario(
        "VM-REPL",
        "a replica is only noted",
        with_vm(HEALTHY, **PRIMARY | {"replication_mode": 2}),
        "fail",
        "a replica of a VM on another host",
        severity=Severity.INFO,
    ),
    scenario(
        "VM-REPL",
        "critical",
        with_vm(HEALTHY, **PRIMARY | {"replication_health": 3}),
        "fail",
        "critical",
        severity=Severity.WARNING,
    ),
    scenario(
        "VM-REPL",
        "resynchronising",
        with_vm(HEALTHY, **PRIMARY | {"replication_state": 11}),
        "fail",
        "resynchronising",
        severity=Severity.INFO,
    ),
    scenario("VM-REPL", "missing", with_vm(HEALTHY, replication_mode=None), "unknown", "replication_mode"),
    scenario("VM-REPL", "health missing", with_vm(HEALTHY, **PRIMARY | {"replication_health": None}), "unknown"),
    scenario("VM-REPL", "not replicated", HEALTHY, "not_applicable"),
    # VM-TPM
    scenario("VM-TPM", "no TPM", HEALTHY, "pass"),
    scenario(
        "VM-TPM", "virtual TPM", with_vm(HEALTHY, tpm_enabled=True), "fail", "virtual TPM", severity=Severity.INFO
    ),
    scenario("VM-TPM", "shielded", with_vm(HEALTHY, tpm_enabled=True, shielded=True), "fail", "shielded"),
    scenario("VM-TPM", "missing", with_vm(HEALTHY, tpm_enabled=None, shielded=None), "unknown", "tpm_enabled"),
    scenario(
        "VM-TPM",
        "generation 1 has none",
        with_vm(HEALTHY, generation=1, tpm_enabled=None, shielded=None),
        "not_applicable",
    ),
    # VM-STOPACT
    scenario("VM-STOPACT", "shut down", HEALTHY, "pass"),
    scenario("VM-STOPACT", "turned off", with_vm(HEALTHY, stop_action=2), "pass"),
    scenario(
        "VM-STOPACT", "saved, the default", with_vm(HEALTHY, stop_action=3), "fail", "saved", severity=Severity.INFO
    ),
    scenario("VM-STOPACT", "missing", with_vm(HEALTHY, stop_action=None), "unknown", "stop_action"),
    scenario("VM-STOPACT", "client", with_identity(HEALTHY, product_type=1), "not_applicable"),
    # VM-GUESTOS
    scenario(
        "VM-GUESTOS",
        "a new guest on 2008 R2 that was read",
        with_inside(healthy_host(SERVER_2008_R2)),
        "pass",
    ),
    scenario(
        "VM-GUESTOS",
        "read inside, silent on Data Exchange",
        with_inside(healthy_host(guest_facts=GuestFacts(guests=()))),
        "pass",
    ),
    scenario(
        "VM-GUESTOS",
        "read inside, of no known version",
        with_inside(healthy_host(guest_facts=GuestFacts(guests=())), os_build=None),
        "unknown",
        "the guest did not report os_build",
    ),
    scenario(
        "VM-GUESTOS",
        "read inside, its version on Data Exchange only",
        with_inside(with_guest(HEALTHY, os_name="Windows XP", os_version="5.1.2600"), os_build=None),
        "fail",
        "no usable VSS",
    ),
    scenario("VM-GUESTOS", "Windows Server 2022", HEALTHY, "pass"),
    scenario(
        "VM-GUESTOS",
        "Windows XP",
        with_guest(HEALTHY, os_name="Windows XP", os_version="5.1.2600"),
        "fail",
        "no usable VSS",
    ),
    scenario("VM-GUESTOS", "Server 2003", with_guest(HEALTHY, os_name="Windows", os_version="5.2.3790"), "pass"),
    scenario(
        "VM-GUESTOS",
        "Linux on 2012",
        with_guest(healthy_host(SERVER_2012), os_name="Debian", os_version="6.1.0", os_platform=None),
        "fail",
        "begins with 2012 R2",
        severity=Severity.CRITICAL,
    ),
    scenario("VM-GUESTOS", "Linux on 2022", with_guest(HEALTHY, os_name="Debian", os_platform=None), "pass"),
    scenario(
        "VM-GUESTOS",
        "a new guest on 2008 R2",
        healthy_host(SERVER_2008_R2),
        "unknown",
        "ScopeSnapshots",
    ),
    scenario("VM-GUESTOS", "missing", healthy_host(guest_facts=GuestFacts(guests=())), "unknown", "exchange"),
    scenario("VM-GUESTOS", "section missing", without(HEALTHY, Section.GUEST_FACTS), "unknown", "no rights"),
    scenario("VM-GUESTOS", "no version", with_guest(HEALTHY, os_version=None), "unknown"),
    scenario("VM-GUESTOS", "nonsense version", with_guest(HEALTHY, os_version="<b>"), "unknown"),
    scenario("VM-GUESTOS", "off", with_vm(HEALTHY, **OFF), "not_applicable"),
    # HOST-CAPTION speaks about a VM too
    scenario("HOST-CAPTION", "online", HEALTHY, "pass"),
    scenario(
        "HOST-CAPTION",
        "2008 R2 wording",
        with_caption(healthy_host(SERVER_2008_R2), "Backup Using Child Partition Snapshot\\SQL01"),
        "pass",
    ),
    scenario("HOST-CAPTION", "offline", with_caption(HEALTHY, "Offline\\SQL01"), "fail", severity=Severity.WARNING),
    scenario(
        "HOST-CAPTION",
        "saved state on 2008 R2",
        with_caption(healthy_host(SERVER_2008_R2), "BACKUP USING SAVED STATE\\SQL01"),
        "fail",
        severity=Severity.CRITICAL,
    ),
    scenario(
        "HOST-CAPTION", "another language", with_caption(HEALTHY, "Hors ligne\\SQL01"), "unknown", "no source says"
    ),
    scenario("HOST-CAPTION", "a name like a prefix", with_caption(HEALTHY, "Online"), "unknown"),
    scenario("HOST-CAPTION", "missing", with_writers(HEALTHY, components=None), "unknown", "components"),
    scenario("HOST-CAPTION", "an off VM carries the label too", with_vm(HEALTHY, **OFF), "not_applicable"),
    # Rules of a VM need the volumes as well; free space unknown is not their concern.
    scenario("VM-SNAPLOC", "free space does not matter", with_data_volume(HEALTHY, free_bytes=None), "pass"),
)
