"""Every cell of the matrix as people review it, computed by the product on a VM that is live but for that one thing."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from audits.judgement.catalogue import CATALOGUE
from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.guests import GuestShadowStorage
from audits.judgement.evidence.vms import (
    BACKUP_COMPONENT,
    DATA_EXCHANGE_COMPONENT,
    Checkpoint,
    Disk,
    IntegrationService,
)
from audits.judgement.judge import judge
from audits.judgement.matrix import GUEST_CONDITIONS, MATRIX, Column, cell, vss_column
from audits.judgement.rules import RULES
from audits.judgement.vm_verdict import VMVerdict
from audits.judgement.words import BackupPath, Confidence, VerdictWord
from tests.judgement.hosts import (
    GIB,
    PARENT_PATH,
    SERVER_2008_R2,
    SERVER_2012,
    SERVER_2012_R2,
    SERVER_2022,
    clustered_host,
    guest_volume,
    healthy_host,
    image,
    inside,
    vm,
    with_backup_service,
    with_caption,
    with_data_volume,
    with_disk,
    with_guest,
    with_identity,
    with_image,
    with_inside,
    with_service,
    with_vm,
    with_vms,
    with_writers,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "matrix.md"
COLUMNS = ("2008 R2", "2012", "2012 R2", "2016-2025 vss", "2016-2025 wmi")
BUILDS = dict(zip(COLUMNS, (SERVER_2008_R2, SERVER_2012, SERVER_2012_R2, SERVER_2022, SERVER_2022), strict=True))
ANOTHER_VM = "another VM"
ROW = re.compile(rf"(VM|VOL|HOST|G)-[A-Z]+(/[\w ]+)?|{ANOTHER_VM}")
type_of_spoiler = Callable[[HostEvidence], HostEvidence]


def inside_with(**fields: Any) -> type_of_spoiler:
    """Spoil what the guest tells of itself."""
    return lambda host: with_inside(host, **fields)


def inside_with_volume(**fields: Any) -> type_of_spoiler:
    return inside_with(volumes=(guest_volume(), guest_volume(volume_id="d", name="D:\\", **fields)))


def inside_with_disabled(name: str) -> type_of_spoiler:
    services = inside().services or ()
    return inside_with(
        services=tuple(
            structs.replace(service, start_mode="Disabled", state="Stopped") if service.name == name else service
            for service in services
        )
    )


def inside_with_disk(**fields: Any) -> type_of_spoiler:
    [disk] = inside().disks or ()
    return inside_with(disks=(structs.replace(disk, **fields),))


def with_one_more_disk(host: HostEvidence, disk: Disk) -> HostEvidence:
    assert host.vms is not None and host.vms.vms
    return with_vm(host, disks=(*(host.vms.vms[0].disks or ()), disk))


def with_linux_without_daemon(host: HostEvidence) -> HostEvidence:
    host = with_guest(host, os_name="Debian", os_version="6.1.0", os_platform=None)
    return with_inside(host, is_windows=False, os_build=None, services=())


def with_xp(host: HostEvidence) -> HostEvidence:
    return with_inside(with_guest(host, os_name="Windows XP", os_version="5.1.2600"), os_build=2600)


def with_another_vm_that_fails(host: HostEvidence) -> HostEvidence:
    broken = vm(vm_id="other", name="OTHER", disks=(Disk(path="D:\\gone.vhdx", persistent_reservations=False),))
    host = with_image(host, image(path="D:\\gone.vhdx", exists=False))
    return with_vms(host, vms=(vm(), broken), registered_count=2)


def with_cluster_resource_offline(host: HostEvidence) -> HostEvidence:
    assert host.identity is not None and host.identity.os_build is not None
    node = clustered_host(host.identity.os_build, group={"resource_state": 3})
    return structs.replace(node, writers=host.writers, guests=host.guests)


def with_services_of_the_host_side_off(host: HostEvidence) -> HostEvidence:
    backup = IntegrationService(component=BACKUP_COMPONENT, enabled=True, primary_status=2)
    others = ("2497F4DE-E9FA-4204-80E4-4B75C46419C0", DATA_EXCHANGE_COMPONENT)
    return with_vm(
        host, integration=(backup, *(IntegrationService(component=other, enabled=False) for other in others))
    )


# One spoiled thing per row, on a host that is otherwise healthy.
SPOIL: dict[str, type_of_spoiler] = {
    "VM-ISBACKUP": lambda host: with_backup_service(host, enabled=False),
    "VM-ISBACKUP/others": with_services_of_the_host_side_off,
    "VM-ISSTATE": lambda host: with_backup_service(host, primary_status=12),
    "VM-ISSTATE/degraded": lambda host: with_backup_service(host, primary_status=3, secondary_status=32775),
    "VM-RUN": lambda host: with_vm(host, state=9),
    "VM-RUN/off": lambda host: with_vm(host, state=3),
    "VM-RUN/saved": lambda host: with_vm(host, state=6),
    "VM-SNAPLOC": lambda host: with_vm(host, checkpoint_path="C:\\Snapshots"),
    "VM-SCSI": lambda host: with_vm(host, generation=1, scsi_controllers=0),
    "VM-PASSTHRU": lambda host: with_one_more_disk(host, Disk(disk_number=1, persistent_reservations=False)),
    "VM-SHARED": lambda host: with_disk(host, persistent_reservations=True),
    "VM-SHARED/VHD set": lambda host: with_image(
        with_disk(host, persistent_reservations=True, path="D:\\VMs\\SQL01\\set.vhds"),
        path="D:\\VMs\\SQL01\\set.vhds",
        format=4,
    ),
    "VM-CHAIN": lambda host: with_image(host, exists=False),
    "VM-CHAIN/differencing": lambda host: with_vm(
        with_image(host, image(path=PARENT_PATH), kind=4, parent_path=PARENT_PATH),
        checkpoints=(Checkpoint(checkpoint_id="c", kind=0, created_at="2026-10-01T00:00:00Z"),),
    ),
    "VM-BUSY": lambda host: with_vm(host, operational_status=(11, 32772)),
    "VM-CKPT": lambda host: with_vm(host, checkpoint_type=2),
    "VM-VERSION": lambda host: with_vm(host, version="5.0"),
    "VM-VHDFMT": lambda host: with_image(host, format=2),
    "VM-VHDFMT/fixed": lambda host: with_image(host, kind=2),
    "VM-TPM": lambda host: with_vm(host, tpm_enabled=True, shielded=True),
    "VM-STORAGE": lambda host: with_vm(host, operational_status=(3,)),
    "VM-CLUSTER": with_cluster_resource_offline,
    "VM-GUESTOS": with_xp,
    "VOL-FREE": lambda host: with_data_volume(host, free_bytes=0),
    "HOST-VMMS": lambda host: with_service(host, "vmms", state="Stopped"),
    "HOST-SVC": lambda host: with_service(host, "VSS", start_mode="Disabled"),
    "HOST-WRITER": lambda host: with_writers(host, writers=()),
    "HOST-RAM": lambda host: with_identity(host, free_memory_bytes=0),
    "G-VMICVSS": inside_with_disabled("vmicvss"),
    "G-SVC": inside_with_disabled("VSS"),
    "G-FS": inside_with_volume(file_system="FAT32"),
    "G-FS/ReFS": inside_with_volume(file_system="ReFS"),
    "G-LDM": inside_with_disk(is_dynamic=True),
    "G-LDM/GPT": inside_with_disk(partition_style=2),
    "G-SHADOW": inside_with(shadow_storage=(GuestShadowStorage(volume_id="c", diff_volume_id="d"),)),
    "G-SCOPE": inside_with(scope_snapshots=None),
    "G-LINUX": with_linux_without_daemon,
    ANOTHER_VM: with_another_vm_that_fails,
}
# Which check tells it where the row's own does not apply.
TOLD_BY = {("G-LINUX", "2008 R2"): "VM-GUESTOS", ("G-LINUX", "2012"): "VM-GUESTOS"}


def _rows() -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, str]] = {}
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        cells = [part.strip() for part in line.strip().strip("|").split("|")]
        if len(cells) == 2 + len(COLUMNS) and ROW.fullmatch(cells[1]):
            assert cells[1] not in rows, f"{cells[1]} has two rows"
            rows[cells[1]] = dict(zip(COLUMNS, cells[2:], strict=True))
    return rows


ROWS = _rows()
CELLS = [(row, column, text) for row, cells in ROWS.items() for column, text in cells.items()]
UNSOURCED = [(row, column) for row, column, text in CELLS if text.startswith("?")]
SURE = {"h": Confidence.HIGH, "m": Confidence.MEDIUM, "l": Confidence.LOW}
LIVE = (VerdictWord.LIVE, Confidence.HIGH)


def _live_host(column: str) -> HostEvidence:
    """Healthy, the guest read; the writer's captions were not, so that the rules decide alone."""
    return with_inside(with_writers(healthy_host(BUILDS[column]), components=None))


def _verdict(host: HostEvidence, column: str) -> VMVerdict:
    return judge(host, BackupPath.WMI if column.endswith("wmi") else BackupPath.VSS).verdicts[0]


def _expected(text: str, column: str) -> tuple[VerdictWord, Confidence]:
    """The cell in words, with the caps on O, written down here a second time on purpose."""
    letter, sure = text[0], SURE.get(text[2:3], Confidence.NONE)
    if letter == "O":
        return VerdictWord.SAVED_STATE, {"2012 R2": Confidence.MEDIUM}.get(column, Confidence.LOW)
    return {
        "S": (VerdictWord.SAVED_STATE, sure),
        "K": (VerdictWord.CRASH_CONSISTENT, sure),
        "F": (VerdictWord.BACKUP_FAILS, sure),
        "?": (VerdictWord.UNKNOWN, sure),
        "B": (VerdictWord.UNKNOWN, Confidence.NONE),
        "A": (VerdictWord.ALREADY_OFFLINE, Confidence.HIGH),
    }.get(letter, LIVE)


def _has_effect(text: str) -> bool:
    return text[0] in "SOKF?B"


# The document


@pytest.mark.parametrize("row", MATRIX)
def test_every_cell_of_the_code_stands_in_the_document(row: str) -> None:
    assert {column.value: MATRIX[row][column] for column in Column} == {
        column: cell(text) for column, text in ROWS[row].items()
    }


def test_every_effect_of_the_document_is_in_the_code() -> None:
    for row, column, text in CELLS:
        if _has_effect(text):
            in_code = MATRIX.get(row) or MATRIX[row.partition("/")[0]]
            assert in_code[Column(column)] == cell(text), f"{row} on {column}"


def test_every_row_of_the_document_is_tried() -> None:
    assert set(SPOIL) == set(ROWS)


def test_every_condition_has_a_row() -> None:
    assert {rule.id for rule in RULES.values() if rule.precondition} <= set(ROWS)


def test_every_row_is_about_a_check_of_the_catalogue() -> None:
    assert {row.partition("/")[0] for row in ROWS} - {ANOTHER_VM} <= set(CATALOGUE)


def test_a_check_without_a_row_is_named_as_one_that_stands_beside_the_verdict() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    witnesses = {"HOST-CAPTION", "PROOF-SAVED", "HOST-SKU"}

    assert [rule_id for rule_id in RULES if rule_id not in ROWS and f"**{rule_id}**" not in text] == sorted(
        witnesses & set(RULES), key=CATALOGUE.index
    )


# The cells


@pytest.mark.parametrize("column", COLUMNS)
def test_the_vm_that_is_spoiled_is_live(column: str) -> None:
    verdict = _verdict(_live_host(column), column)

    assert (verdict.verdict, verdict.confidence) == LIVE
    assert (verdict.causes, verdict.unknowns, verdict.conflict) == ((), (), False)


@pytest.mark.parametrize(("row", "column", "text"), CELLS, ids=lambda value: str(value))
def test_the_verdict_does_what_the_cell_says(row: str, column: str, text: str) -> None:
    verdict = _verdict(SPOIL[row](_live_host(column)), column)

    assert (verdict.verdict, verdict.confidence) == _expected(text, column)
    teller = TOLD_BY.get((row, column), row.partition("/")[0])
    assert {*verdict.causes, *verdict.unknowns} == ({teller} if _has_effect(text) else set())


@pytest.mark.parametrize(("row", "column"), UNSOURCED)
def test_what_no_source_knows_is_live_only_by_the_writers_word(row: str, column: str) -> None:
    host = SPOIL[row](_live_host(column))

    assert _verdict(host, column).sentence == "no source says what this does here"
    heard = _verdict(with_caption(host, "Online\\SQL01"), column)
    assert (heard.verdict, heard.confidence) == (VerdictWord.LIVE, Confidence.MEDIUM)


# Microsoft's five conditions


FIVE: dict[str, type_of_spoiler] = {
    "1 the service installed": lambda host: with_vm(host, integration=()),
    "1 the service offered": SPOIL["VM-ISBACKUP"],
    "1 the service running in the guest": SPOIL["VM-ISSTATE"],
    "1 the guest's end enabled": SPOIL["G-VMICVSS"],
    "2 the VM running, as its cluster sees it": SPOIL["VM-CLUSTER"],
    # By the rules alone of medium confidence; the writer's own word makes it sure.
    "2 the VM running, not paused": lambda host: with_caption(
        with_vm(host, state=9), "Backup Using Saved State\\SQL01"
    ),
    "3 the snapshot file location": SPOIL["VM-SNAPLOC"],
    "4 basic disks": SPOIL["G-LDM"],
    "5 file systems that support snapshots": SPOIL["G-FS"],
}


@pytest.mark.parametrize("condition", FIVE)
@pytest.mark.parametrize("column", ["2008 R2", "2012"])
def test_on_the_oldest_hosts_each_of_microsofts_five_conditions_alone_saves_a_live_vm(
    condition: str, column: str
) -> None:
    live = _live_host(column)
    assert _verdict(live, column).verdict is VerdictWord.LIVE

    verdict = _verdict(FIVE[condition](live), column)

    assert (verdict.verdict, verdict.confidence) == (VerdictWord.SAVED_STATE, Confidence.HIGH)
    assert len(verdict.causes) == 1
    assert verdict.sentence == "will be pulled offline into a saved state"


# Guests in every column


def _guest_cells() -> Iterator[tuple[str, str]]:
    for column in COLUMNS:
        for rule_id in GUEST_CONDITIONS[Column(column)]:
            if rule_id not in ("G-LINUX", "G-SCOPE"):
                yield column, rule_id


UNREAD_INSIDE: dict[str, dict[str, Any]] = {
    "G-VMICVSS": {"services": None},
    "G-SVC": {"services": None},
    "G-FS": {"volumes": None},
    "G-LDM": {"disks": None},
    "G-SHADOW": {"shadow_storage": None},
    "G-FREE": {"volumes": None},
    "G-WRITERS": {"writers": None},
    "G-ISCSI": {"disks": None},
}


@pytest.mark.parametrize(("column", "rule_id"), list(_guest_cells()))
def test_a_guest_of_which_something_was_not_read_is_not_called_read(column: str, rule_id: str) -> None:
    host = with_inside(_live_host(column), **UNREAD_INSIDE[rule_id])

    verdict = _verdict(host, column)

    assert rule_id in verdict.unknowns
    if column.endswith("wmi"):
        assert (verdict.verdict, verdict.confidence) == (VerdictWord.LIVE, Confidence.MEDIUM)
    else:
        assert (verdict.verdict, verdict.confidence) == (VerdictWord.UNKNOWN, Confidence.NONE)
        assert verdict.host_side_ready
    if column.endswith("vss"):
        heard = _verdict(with_caption(host, "Online\\SQL01"), column)
        assert (heard.verdict, heard.confidence) == LIVE


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize(
    "note",
    [
        inside_with_volume(free_bytes=GIB),
        inside_with_disk(bus_type=9),
        inside_with(writers=(structs.replace((inside().writers or ())[0], state=8),)),
    ],
    ids=["G-FREE", "G-ISCSI", "G-WRITERS"],
)
def test_what_has_no_row_is_told_beside_the_verdict(column: str, note: type_of_spoiler) -> None:
    verdict = _verdict(note(_live_host(column)), column)

    assert (verdict.verdict, verdict.confidence) == LIVE
    assert verdict.causes == ()


@pytest.mark.parametrize("column", ["2008 R2", "2012", "2012 R2", "2016-2025 vss"])
def test_a_guests_own_fault_explains_the_writer_and_a_guest_without_fault_contradicts_it(column: str) -> None:
    offline = with_caption(_live_host(column), "Offline\\SQL01")

    explained, contradicted = _verdict(SPOIL["G-LDM"](offline), column), _verdict(offline, column)

    assert (explained.verdict, explained.causes, explained.conflict) == (VerdictWord.SAVED_STATE, ("G-LDM",), False)
    assert (contradicted.verdict, contradicted.causes, contradicted.conflict) == (VerdictWord.SAVED_STATE, (), True)
    assert "every condition holds, inside the guest too" in contradicted.sentence


# Reading the table


@pytest.mark.parametrize(
    ("build", "column"),
    [
        (6001, Column.SERVER_2008_R2),
        (7601, Column.SERVER_2008_R2),
        (9200, Column.SERVER_2012),
        (9600, Column.SERVER_2012_R2),
        (14393, Column.SINCE_2016_VSS),
        (26100, Column.SINCE_2016_VSS),
        (99999, Column.SINCE_2016_VSS),
    ],
)
def test_each_build_reads_its_column(build: int, column: Column) -> None:
    assert vss_column(build) is column


@pytest.mark.parametrize("nonsense", ["", "X", "S(x)", "S(h", "S h"])
def test_a_cell_that_cannot_be_read_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError):
        cell(nonsense)
