"""docs/demo.md names VMs that show what it says of them."""

from pathlib import Path
from typing import Any

import pytest

from tests.estate import pure_audit

GUIDE = Path(__file__).parents[2] / "docs" / "demo.md"


def rows() -> list[dict[str, str]]:
    """The guide's table, a row per VM, by the heads of its columns."""
    lines = [line for line in GUIDE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    heads, *told = ([cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines)
    return [dict(zip(heads, cells, strict=True)) for cells in told[1:]]


@pytest.fixture(scope="module")
def vms() -> dict[str, dict[str, Any]]:
    return {vm["vm"]: vm for host in pure_audit.audit("demo")["hosts"] for vm in host["vms"]}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["look for"])
def test_a_vm_of_the_guide_shows_what_the_guide_says(row: dict[str, str], vms: dict[str, dict[str, Any]]) -> None:
    vm = vms[row["VM"]]
    shown = {key: vm[key] for key in ("verdict", "writer_says", "observed", "verdict_wmi", "conflict")}
    assert shown == {
        key: value == "true" if key == "conflict" else value or None
        for key, value in row.items()
        if key not in ("look for", "VM")
    }


def test_the_guide_shows_every_kind_of_witness_and_the_unknown() -> None:
    told = rows()
    assert {row["observed"] for row in told} >= {"saved", "none_seen"}
    assert {row["verdict"] for row in told} >= {"saved_state", "unknown", "crash_consistent"}
    assert any(row["conflict"] == "true" for row in told)
