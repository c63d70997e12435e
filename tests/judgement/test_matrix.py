"""The matrix that people review and the matrix that the verdict uses are one, and the verdict obeys every cell."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from audits.judgement.catalogue import CATALOGUE
from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.vms import Disk
from audits.judgement.judge import judge
from audits.judgement.matrix import MATRIX, Column, cell, vss_column
from audits.judgement.rules import RULES
from audits.judgement.words import BackupPath, Confidence, VerdictWord
from tests.judgement.hosts import (
    SERVER_2008_R2,
    SERVER_2012,
    SERVER_2012_R2,
    SERVER_2022,
    clustered_host,
    healthy_host,
    with_backup_service,
    with_data_volume,
    with_disk,
    with_guest,
    with_identity,
    with_image,
    with_service,
    with_vm,
    with_writers,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "matrix.md"
COLUMNS = ("2008 R2", "2012", "2012 R2", "2016-2025 vss", "2016-2025 wmi")
BUILDS = dict(zip(COLUMNS, (SERVER_2008_R2, SERVER_2012, SERVER_2012_R2, SERVER_2022, SERVER_2022), strict=True))
LEAST_DISK = {"generation": 1, "scsi_controllers": 0}

# One spoiled field per rule, on a host that is otherwise healthy.
SPOIL: dict[str, Callable[[HostEvidence], HostEvidence]] = {
    "VM-RUN": lambda host: with_vm(host, state=9),
    "VM-ISBACKUP": lambda host: with_backup_service(host, enabled=False),
    "VM-ISSTATE": lambda host: with_backup_service(host, primary_status=12),
    "VM-SNAPLOC": lambda host: with_vm(host, checkpoint_path="C:\\Snapshots"),
    "VM-SCSI": lambda host: with_vm(host, **LEAST_DISK),
    "VM-PASSTHRU": lambda host: with_vm(
        host,
        disks=(*(host.vms.vms[0].disks or ()), Disk(disk_number=1, persistent_reservations=False)),  # type: ignore
    ),
    "VM-SHARED": lambda host: with_disk(host, persistent_reservations=True),
    "VM-CHAIN": lambda host: with_image(host, exists=False),
    "VM-BUSY": lambda host: with_vm(host, operational_status=(11, 32772)),
    "VM-CKPT": lambda host: with_vm(host, checkpoint_type=2),
    "VM-STORAGE": lambda host: with_vm(host, operational_status=(3,)),
    "VM-CLUSTER": lambda host: with_writers(
        clustered_host(host.identity.os_build or 0, group={"resource_state": 3}),  # type: ignore[union-attr]
        components=None,
    ),
    "VM-GUESTOS": lambda host: with_guest(host, os_name="Windows XP", os_version="5.1.2600"),
    "VOL-FREE": lambda host: with_data_volume(host, free_bytes=0),
    "HOST-VMMS": lambda host: with_service(host, "vmms", state="Stopped"),
    "HOST-SVC": lambda host: with_service(host, "VSS", start_mode="Disabled"),
    "HOST-WRITER": lambda host: with_writers(host, writers=()),
    "HOST-RAM": lambda host: with_identity(host, free_memory_bytes=0),
}


def _rows() -> dict[str, dict[str, str]]:
    rows = {}
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        cells = [part.strip() for part in line.strip().strip("|").split("|")]
        if len(cells) == 2 + len(COLUMNS) and re.match(r"(VM|VOL|HOST|G)-", cells[1]):
            assert cells[1] not in rows, f"{cells[1]} has two rows"
            rows[cells[1]] = dict(zip(COLUMNS, cells[2:], strict=True))
    return rows


ROWS = _rows()
CELLS = [(rule_id, column, text) for rule_id in SPOIL for column, text in ROWS[rule_id].items()]
SURE = {"h": Confidence.HIGH, "m": Confidence.MEDIUM, "l": Confidence.LOW}


def _bare_host(column: str) -> HostEvidence:
    """Healthy, but the writer's captions were not read, so that the rules decide alone."""
    return with_writers(healthy_host(BUILDS[column]), components=None)


def _expected(text: str, column: str) -> tuple[VerdictWord, Confidence]:
    """The cell in words, with the caps on O, written down here a second time on purpose."""
    letter, sure = text[0], SURE.get(text[2:3], Confidence.NONE)
    if letter == "O":
        return VerdictWord.SAVED_STATE, {"2012 R2": Confidence.MEDIUM}.get(column, Confidence.LOW)
    by_letter = {
        "S": (VerdictWord.SAVED_STATE, sure),
        "K": (VerdictWord.CRASH_CONSISTENT, sure),
        "F": (VerdictWord.BACKUP_FAILS, sure),
        "?": (VerdictWord.UNKNOWN, sure),
        "B": (VerdictWord.UNKNOWN, Confidence.NONE),
    }
    if letter in by_letter:
        return by_letter[letter]
    # No effect: what the host would get anyway. Only a service that answers stands in for the unread guest here.
    return (VerdictWord.LIVE, Confidence.MEDIUM) if column.endswith("wmi") else (VerdictWord.UNKNOWN, Confidence.NONE)


def test_the_document_has_every_row_of_the_code_and_no_other() -> None:
    assert set(ROWS) == set(MATRIX)


@pytest.mark.parametrize("rule_id", MATRIX)
def test_every_cell_of_the_code_stands_in_the_document(rule_id: str) -> None:
    assert {column.value: MATRIX[rule_id][column] for column in Column} == {
        column: cell(text) for column, text in ROWS[rule_id].items()
    }


def test_every_row_of_a_built_rule_is_tried() -> None:
    assert set(SPOIL) == {rule_id for rule_id in MATRIX if rule_id in RULES}


def test_every_condition_of_a_built_rule_has_a_row() -> None:
    assert {rule.id for rule in RULES.values() if rule.precondition} <= set(MATRIX)


def test_every_row_is_a_check_of_the_catalogue() -> None:
    assert {rule_id.partition("/")[0] for rule_id in MATRIX} <= set(CATALOGUE)


@pytest.mark.parametrize(("rule_id", "column", "text"), CELLS, ids=lambda value: str(value))
def test_the_verdict_does_what_the_cell_says(rule_id: str, column: str, text: str) -> None:
    path = BackupPath.WMI if column.endswith("wmi") else BackupPath.VSS
    host = SPOIL[rule_id](_bare_host(column))

    [verdict] = judge(host, path).verdicts

    assert (verdict.verdict, verdict.confidence) == _expected(text, column)
    told = {*verdict.causes, *verdict.unknowns}
    assert (rule_id in told) == (text[0] not in "-n")


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
