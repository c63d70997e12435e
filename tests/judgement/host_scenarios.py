"""The scenarios of the rules that speak about a host or one of its volumes."""

from msgspec import structs

from audits.judgement.evidence import Gap, Services
from audits.judgement.evidence.cluster import ClusterNode, SharedVolumeNodeState
from audits.judgement.evidence.event_log import EventLog
from audits.judgement.evidence.volumes import UNBOUNDED_BYTES, ShadowProvider, ShadowStorage
from audits.judgement.evidence.writers import HYPER_V_WRITER, Writer
from audits.judgement.words import Section, Severity
from tests.judgement.hosts import (
    DATA_VOLUME,
    GIB,
    SERVER_2012,
    SERVER_2012_R2,
    SERVER_2022,
    SYSTEM_VOLUME,
    clustered_host,
    healthy_host,
    shared_volume,
    with_cluster,
    with_data_volume,
    with_disk,
    with_events,
    with_gap,
    with_identity,
    with_service,
    with_vm,
    with_volumes,
    with_writers,
    without,
)
from tests.judgement.scenarios import Scenario, scenario

HEALTHY = healthy_host()
CLIENT = with_identity(HEALTHY, product_type=1)
MB = 1024**2
DATA, SYSTEM = DATA_VOLUME, SYSTEM_VOLUME
CSV = shared_volume().volume_id


def _shadow(**fields: object) -> tuple[ShadowStorage, ...]:
    healthy: dict[str, object] = {"volume_id": DATA_VOLUME, "diff_volume_id": DATA_VOLUME, "max_bytes": UNBOUNDED_BYTES}
    return (ShadowStorage(**(healthy | fields)),)  # type: ignore[arg-type]


def _writer(state: int | None) -> tuple[Writer, ...]:
    return (Writer(writer_id=HYPER_V_WRITER, state=state),)


def _hardware_provider() -> ShadowProvider:
    return ShadowProvider(provider_id="{11111111-2222-3333-4444-555555555555}", name="Storage X", kind=3)


OWN_PROVIDERS = (
    ShadowProvider(provider_id="{B5946137-7B9F-4925-AF80-51ABD60B20D5}", kind=1),
    ShadowProvider(provider_id="{74600E39-7DC5-4567-A03B-F091D6C7B092}", kind=2),
    ShadowProvider(provider_id="{89300202-3CEC-4981-9171-19F59559E0F2}", kind=4),
)

HOST_SCENARIOS: tuple[Scenario, ...] = (
    # VOL-FS
    scenario("VOL-FS", "NTFS", HEALTHY, "pass", subject=DATA),
    scenario("VOL-FS", "ReFS", with_data_volume(HEALTHY, file_system="ReFS"), "pass", subject=DATA),
    scenario("VOL-FS", "exFAT", with_data_volume(HEALTHY, file_system="exFAT"), "fail", "exFAT", subject=DATA),
    scenario("VOL-FS", "shared volume", clustered_host(), "pass", subject=CSV),
    scenario("VOL-FS", "missing", with_data_volume(HEALTHY, file_system=None), "unknown", subject=DATA),
    scenario("VOL-FS", "section missing", without(HEALTHY, Section.VOLUMES), "unknown", "no rights", subject="host"),
    scenario("VOL-FS", "the EFI partition has no VM", HEALTHY, "not_applicable", subject=SYSTEM),
    # VOL-SHADOW
    scenario("VOL-SHADOW", "no association is healthy", HEALTHY, "pass", subject=DATA),
    scenario("VOL-SHADOW", "unbounded", with_volumes(HEALTHY, shadow_storage=_shadow()), "pass", subject=DATA),
    scenario(
        "VOL-SHADOW",
        "too small",
        with_volumes(HEALTHY, shadow_storage=_shadow(max_bytes=319 * MB)),
        "fail",
        "319 MB",
        subject=DATA,
    ),
    scenario(
        "VOL-SHADOW",
        "just large enough",
        with_volumes(HEALTHY, shadow_storage=_shadow(max_bytes=320 * MB)),
        "pass",
        subject=DATA,
    ),
    scenario(
        "VOL-SHADOW",
        "the registry asks for more",
        with_volumes(HEALTHY, shadow_storage=_shadow(max_bytes=400 * MB), min_diff_area_megabytes=3000),
        "fail",
        "400 MB",
        subject=DATA,
    ),
    scenario(
        "VOL-SHADOW",
        "limit below what is allocated",
        with_volumes(HEALTHY, shadow_storage=_shadow(max_bytes=GIB, allocated_bytes=2 * GIB)),
        "fail",
        "allocated",
        subject=DATA,
    ),
    scenario(
        "VOL-SHADOW",
        "on another volume",
        with_volumes(HEALTHY, shadow_storage=_shadow(diff_volume_id=SYSTEM_VOLUME)),
        "fail",
        "on C:\\",
        severity=Severity.WARNING,
        subject=DATA,
    ),
    scenario(
        "VOL-SHADOW",
        "a small volume needs less",
        with_data_volume(
            with_volumes(HEALTHY, shadow_storage=_shadow(max_bytes=32 * MB)),
            capacity_bytes=499 * MB,
            free_bytes=400 * MB,
        ),
        "pass",
        subject=DATA,
    ),
    scenario(
        "VOL-SHADOW",
        "no room for a first copy",
        with_data_volume(with_volumes(HEALTHY, shadow_storage=_shadow(allocated_bytes=0)), free_bytes=319 * MB),
        "fail",
        "for a first copy",
        subject=DATA,
    ),
    scenario("VOL-SHADOW", "missing", with_volumes(HEALTHY, shadow_storage=None), "unknown", subject=DATA),
    scenario("VOL-SHADOW", "no VM there", HEALTHY, "not_applicable", subject=SYSTEM),
    # VOL-FREE
    scenario("VOL-FREE", "half free", HEALTHY, "pass", subject=DATA),
    scenario(
        "VOL-FREE",
        "full",
        with_data_volume(HEALTHY, free_bytes=319 * MB),
        "fail",
        "319 MB",
        severity=Severity.CRITICAL,
        subject=DATA,
    ),
    scenario(
        "VOL-FREE",
        "Hyper-V says it is full",
        with_vm(HEALTHY, operational_status=(5,)),
        "fail",
        "status 5",
        severity=Severity.CRITICAL,
        subject=DATA,
    ),
    scenario(
        "VOL-FREE",
        "below 10 %",
        with_data_volume(HEALTHY, free_bytes=99 * GIB),
        "fail",
        "9 %",
        severity=Severity.WARNING,
        subject=DATA,
    ),
    scenario(
        "VOL-FREE",
        "below 20 %",
        with_data_volume(HEALTHY, free_bytes=199 * GIB),
        "fail",
        "19 %",
        severity=Severity.INFO,
        subject=DATA,
    ),
    scenario(
        "VOL-FREE",
        "no room to save the VM on 2012",
        with_data_volume(healthy_host(SERVER_2012), free_bytes=4 * GIB, capacity_bytes=10 * GIB),
        "fail",
        "needs 4 GB",
        severity=Severity.WARNING,
        subject=DATA,
    ),
    scenario("VOL-FREE", "missing is not zero", with_data_volume(HEALTHY, free_bytes=None), "unknown", subject=DATA),
    scenario("VOL-FREE", "no VM there", HEALTHY, "not_applicable", subject=SYSTEM),
    # VOL-CSV
    scenario("VOL-CSV", "direct", clustered_host(), "pass", subject=CSV),
    scenario(
        "VOL-CSV",
        "redirected on a node",
        with_cluster(
            clustered_host(),
            shared_volumes=(
                shared_volume(
                    node_states=(SharedVolumeNodeState(node="HV0002", state="BlockRedirected", is_direct=False),)
                ),
            ),
        ),
        "fail",
        "HV0002: BlockRedirected",
        subject=CSV,
    ),
    scenario(
        "VOL-CSV",
        "in maintenance",
        with_cluster(clustered_host(), shared_volumes=(shared_volume(in_maintenance=True),)),
        "fail",
        "maintenance",
        subject=CSV,
    ),
    scenario(
        "VOL-CSV",
        "at fault",
        with_cluster(clustered_host(), shared_volumes=(shared_volume(fault_state=4),)),
        "fail",
        "fault state 4",
        subject=CSV,
    ),
    scenario(
        "VOL-CSV",
        "offline",
        with_cluster(clustered_host(), shared_volumes=(shared_volume(state=3),)),
        "fail",
        "state 3, not online",
        subject=CSV,
    ),
    scenario(
        "VOL-CSV",
        "2012 reports no node states",
        with_cluster(clustered_host(SERVER_2012), shared_volumes=(shared_volume(node_states=None),)),
        "pass",
        subject=CSV,
    ),
    scenario(
        "VOL-CSV",
        "missing",
        with_cluster(clustered_host(), shared_volumes=(shared_volume(node_states=None, is_redirected=None),)),
        "unknown",
        subject=CSV,
    ),
    scenario("VOL-CSV", "section missing", without(HEALTHY, Section.CLUSTER), "unknown", "no rights", subject="host"),
    scenario("VOL-CSV", "no cluster", HEALTHY, "not_applicable", subject=DATA),
    # VOL-SMB
    scenario("VOL-SMB", "no share", HEALTHY, "not_applicable", subject="host"),
    scenario(
        "VOL-SMB",
        "only the file server can say",
        with_disk(HEALTHY, path="\\\\Files01\\VMs\\SQL01\\SQL01.vhdx"),
        "unknown",
        "File Server VSS Agent",
        subject="\\\\files01\\vms",
    ),
    scenario("VOL-SMB", "missing", with_vm(HEALTHY, disks=None), "unknown", "vms.disks", subject="host"),
    # HOST-VMMS
    scenario("HOST-VMMS", "running", HEALTHY, "pass"),
    scenario("HOST-VMMS", "stopped", with_service(HEALTHY, "vmms", state="Stopped"), "fail", "Stopped"),
    scenario(
        "HOST-VMMS",
        "an account that is shown no service",
        structs.replace(HEALTHY, services=Services(services=())),
        "unknown",
        "did not report services",
    ),
    scenario("HOST-VMMS", "missing", without(HEALTHY, Section.SERVICES), "unknown", "no rights"),
    # HOST-SVC
    scenario("HOST-SVC", "stopped and manual is healthy", HEALTHY, "pass"),
    scenario("HOST-SVC", "VSS disabled", with_service(HEALTHY, "VSS", start_mode="Disabled"), "fail", "VSS: disabled"),
    scenario("HOST-SVC", "COM+ events stopped", with_service(HEALTHY, "EventSystem", state="Stopped"), "fail"),
    scenario("HOST-SVC", "start mode missing", with_service(HEALTHY, "VSS", start_mode=None), "unknown", "VSS"),
    scenario("HOST-SVC", "missing", without(HEALTHY, Section.SERVICES), "unknown", "no rights"),
    scenario("HOST-SVC", "client", CLIENT, "not_applicable"),
    # HOST-WRITER
    scenario("HOST-WRITER", "stable", HEALTHY, "pass"),
    scenario("HOST-WRITER", "waiting for completion is normal", with_writers(HEALTHY, writers=_writer(5)), "pass"),
    scenario("HOST-WRITER", "failed", with_writers(HEALTHY, writers=_writer(8)), "fail", "state 8"),
    scenario("HOST-WRITER", "not listed", with_writers(HEALTHY, writers=()), "fail", "not listed"),
    scenario("HOST-WRITER", "in a backup", with_writers(HEALTHY, writers=_writer(3)), "unknown", "ask again"),
    scenario("HOST-WRITER", "missing", with_writers(HEALTHY, writers=None), "unknown"),
    scenario(
        "HOST-WRITER",
        "skipped says why",
        without(HEALTHY, Section.WRITERS, reason="a VM is being backed up"),
        "unknown",
        "a VM is being backed up",
    ),
    scenario("HOST-WRITER", "client", CLIENT, "not_applicable"),
    # HOST-PROVIDER
    scenario("HOST-PROVIDER", "Microsoft's own", with_volumes(HEALTHY, shadow_providers=OWN_PROVIDERS), "pass"),
    scenario(
        "HOST-PROVIDER",
        "a vendor's",
        with_volumes(HEALTHY, shadow_providers=(*OWN_PROVIDERS, _hardware_provider())),
        "fail",
        "Storage X (hardware)",
        severity=Severity.INFO,
    ),
    scenario(
        "HOST-PROVIDER",
        "hardware up to 2012",
        with_volumes(healthy_host(SERVER_2012), shadow_providers=(_hardware_provider(),)),
        "fail",
        severity=Severity.WARNING,
    ),
    scenario("HOST-PROVIDER", "missing", with_volumes(HEALTHY, shadow_providers=None), "unknown", "shadow_providers"),
    scenario("HOST-PROVIDER", "client", CLIENT, "not_applicable"),
    # HOST-RAM
    scenario(
        "HOST-RAM",
        "a VM that starts by itself needs it",
        with_vm(with_identity(HEALTHY, free_memory_bytes=4 * GIB), state=3, start_action=4),
        "fail",
        "0 MB free once",
        severity=Severity.WARNING,
    ),
    scenario(
        "HOST-RAM",
        "a VM that stays off needs none",
        with_vm(with_identity(HEALTHY, free_memory_bytes=4 * GIB), state=3, start_action=2),
        "pass",
    ),
    scenario(
        "HOST-RAM",
        "whether it starts is not known",
        with_vm(with_identity(HEALTHY, free_memory_bytes=4 * GIB), state=3, start_action=None),
        "unknown",
        "start_action",
    ),
    scenario("HOST-RAM", "VMs missing", without(HEALTHY, Section.VMS), "unknown", "no rights"),
    scenario("HOST-RAM", "enough", HEALTHY, "pass"),
    scenario(
        "HOST-RAM",
        "below 512 MB",
        with_identity(HEALTHY, free_memory_bytes=511 * MB),
        "fail",
        "511 MB",
        severity=Severity.WARNING,
    ),
    scenario(
        "HOST-RAM",
        "below 1 GB",
        with_identity(HEALTHY, free_memory_bytes=1023 * MB),
        "fail",
        severity=Severity.INFO,
    ),
    scenario("HOST-RAM", "missing is not zero", with_identity(HEALTHY, free_memory_bytes=None), "unknown"),
    # HOST-SKU
    scenario("HOST-SKU", "server", HEALTHY, "pass"),
    scenario("HOST-SKU", "domain controller", with_identity(HEALTHY, product_type=2), "pass"),
    scenario("HOST-SKU", "client", CLIENT, "fail", "client", severity=Severity.INFO),
    scenario("HOST-SKU", "missing", with_identity(HEALTHY, product_type=None), "unknown"),
    # HOST-MIXED
    scenario("HOST-MIXED", "uniform", clustered_host(), "pass"),
    scenario(
        "HOST-MIXED",
        "two versions",
        with_cluster(
            clustered_host(),
            nodes=(ClusterNode(name="a", build=SERVER_2022), ClusterNode(name="b", build=SERVER_2012_R2)),
        ),
        "fail",
        "9600, 20348",
    ),
    scenario("HOST-MIXED", "level not raised", with_cluster(clustered_host(), functional_level=9), "fail", "level 9"),
    scenario("HOST-MIXED", "missing", with_cluster(clustered_host(), functional_level=None), "unknown"),
    scenario("HOST-MIXED", "build missing", with_cluster(clustered_host(), nodes=(ClusterNode(name="a"),)), "unknown"),
    scenario("HOST-MIXED", "no cluster", HEALTHY, "not_applicable"),
    scenario("HOST-MIXED", "2012 R2", clustered_host(SERVER_2012_R2), "not_applicable"),
    # HOST-VSSERR
    scenario("HOST-VSSERR", "quiet", HEALTHY, "pass"),
    scenario(
        "HOST-VSSERR",
        "a writer rejected an event",
        with_events(HEALTHY, ("VSS", 8229, 3)),
        "fail",
        "VSS 8229 × 3",
        severity=Severity.WARNING,
    ),
    scenario(
        "HOST-VSSERR",
        "shadow copies were lost",
        with_events(HEALTHY, ("VSS", 8229, 3), ("volsnap", 25, 1)),
        "fail",
        "volsnap 25",
        severity=Severity.CRITICAL,
    ),
    scenario("HOST-VSSERR", "noise", with_events(HEALTHY, ("VSS", 8194, 1)), "fail", severity=Severity.INFO),
    scenario("HOST-VSSERR", "the number alone means nothing", with_events(HEALTHY, ("Other", 8229, 3)), "pass"),
    scenario(
        "HOST-VSSERR",
        "10103 on 2012 R2",
        with_events(healthy_host(SERVER_2012_R2), ("Microsoft-Windows-Hyper-V-VMMS", 10103, 1)),
        "fail",
        "no SCSI controller",
    ),
    scenario(
        "HOST-VSSERR",
        "10103 on 2008 R2 to 2012",
        with_events(healthy_host(SERVER_2012), ("Microsoft-Windows-Hyper-V-VMMS", 10103, 1)),
        "fail",
        "could not be reverted",
    ),
    scenario(
        "HOST-VSSERR",
        "silence of a log that wrapped",
        with_events(
            HEALTHY,
            logs=(EventLog(log="Application", record_count=9, oldest_at="2026-11-22T00:00:00Z", readable=True),),
        ),
        "unknown",
        "does not reach back",
    ),
    scenario("HOST-VSSERR", "truncated", with_events(HEALTHY, truncated=True), "unknown", "more events"),
    scenario("HOST-VSSERR", "missing", without(HEALTHY, Section.VSS_EVENTS), "unknown", "no rights"),
    scenario(
        "HOST-VSSERR",
        "the probe's reason is told",
        with_gap(
            with_events(HEALTHY, logs=()),
            Section.VSS_EVENTS,
            Gap(what="logs", why="denied", detail="LogInfoUnavailable"),
        ),
        "unknown",
        "the account may not read it (LogInfoUnavailable)",
    ),
)
