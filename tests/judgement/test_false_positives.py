"""What looks alarming and is healthy: none of it fails a check, and none of it costs a VM its live backup."""

from collections.abc import Callable

import pytest
from msgspec import structs

from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.guests import GuestDisk, GuestShadowStorage
from audits.judgement.evidence.services import Service, Services
from audits.judgement.evidence.vms import DATA_EXCHANGE_COMPONENT, IntegrationService
from audits.judgement.evidence.writers import HYPER_V_WRITER, Writer
from audits.judgement.judge import judge
from audits.judgement.words import BackupPath, ResultWord, VerdictWord
from tests.judgement.hosts import (
    EFI_PARTITION,
    SERVER_2008_R2,
    SERVER_2012,
    SERVER_2012_R2,
    SERVER_2022,
    SYSTEM_VOLUME,
    guest_volume,
    healthy_host,
    inside,
    volume,
    with_backup_service,
    with_guest_service,
    with_image,
    with_inside,
    with_service,
    with_vm,
    with_volumes,
    with_writers,
)

BUILDS = (SERVER_2008_R2, SERVER_2012, SERVER_2012_R2, SERVER_2022)


def with_guest_components_standing_still(host: HostEvidence) -> HostEvidence:
    """The host's own vmic* services: they belong to guests, and a host is none."""
    assert host.services is not None and host.services.services
    names = ("vmicvss", "vmickvpexchange", "vmicheartbeat", "vmicshutdown", "vmictimesync")
    own = tuple(Service(name=name, start_mode="Manual", state="Stopped") for name in names)
    return structs.replace(host, services=Services(services=(*host.services.services, *own)))


def with_other_components_off(host: HostEvidence) -> HostEvidence:
    assert host.vms is not None and host.vms.vms
    others = (DATA_EXCHANGE_COMPONENT, "2497F4DE-E9FA-4204-80E4-4B75C46419C0")
    off = tuple(IntegrationService(component=other, enabled=False, primary_status=2) for other in others)
    return with_vm(host, integration=(*(host.vms.vms[0].integration or ()), *off))


GUARDS: dict[str, Callable[[HostEvidence], HostEvidence]] = {
    "VSS stopped": lambda host: with_service(host, "VSS", start_mode="Manual", state="Stopped"),
    "swprv stopped": lambda host: with_service(host, "swprv", start_mode="Manual", state="Stopped"),
    "COM+ system application stopped": lambda host: with_service(host, "COMSysApp", state="Stopped"),
    "VSS stopped in the guest": lambda host: with_guest_service(host, "VSS", state="Stopped"),
    "the transaction coordinator stopped in the guest": lambda host: with_guest_service(host, "MSDTC", state="Stopped"),
    "degraded": lambda host: with_backup_service(host, primary_status=3),
    "protocol mismatch": lambda host: with_backup_service(host, primary_status=3, secondary_status=32775),
    "other integration services off": with_other_components_off,
    "the host's own vmic services": with_guest_components_standing_still,
    "GPT in the guest": lambda host: with_inside(
        host, disks=(GuestDisk(number=0, bus_type=10, partition_style=2, is_dynamic=False),)
    ),
    "dynamic VHDX": lambda host: with_image(host, kind=3),
    "fixed VHDX": lambda host: with_image(host, kind=2),
    "no shadow storage association on the host": lambda host: with_volumes(host, shadow_storage=()),
    "no shadow storage association in the guest": lambda host: with_inside(host, shadow_storage=()),
    "shadow storage in the guest on its own volume": lambda host: with_inside(
        host, shadow_storage=(GuestShadowStorage(volume_id="\\\\?\\Volume{c}\\", diff_volume_id="\\\\?\\VOLUME{C}\\"),)
    ),
    "writer waiting for completion": lambda host: with_writers(
        host, writers=(Writer(writer_id=HYPER_V_WRITER, state=5),)
    ),
    "guest writer waiting for completion": lambda host: with_inside(
        host, writers=tuple(structs.replace(writer, state=5) for writer in inside().writers or ())
    ),
    "the host's EFI partition is FAT32 and full": lambda host: with_volumes(
        host,
        volumes=(
            volume(),
            volume(volume_id=SYSTEM_VOLUME, name="C:\\"),
            volume(volume_id="efi", name=None, file_system="FAT32", capacity_bytes=100 * 1024**2, free_bytes=1),
        ),
    ),
    "the guest's EFI partition is FAT32 and full": lambda host: with_inside(
        host, volumes=(guest_volume(), guest_volume(**EFI_PARTITION))
    ),
    "uptime begins anew": lambda host: with_vm(host, uptime_seconds=3600),
    "just started": lambda host: with_vm(host, uptime_seconds=1),
}


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("build", BUILDS)
def test_what_looks_alarming_and_is_healthy_fails_nothing(guard: str, build: int) -> None:
    judgement = judge(GUARDS[guard](with_inside(healthy_host(build))), BackupPath.VSS)

    assert [result for result in judgement.results if result.result is ResultWord.FAIL] == []
    assert [verdict.verdict for verdict in judgement.verdicts] == [VerdictWord.LIVE]
