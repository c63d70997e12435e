"""What a guest said of its own inside, as its page shows it: from stored evidence, so every text is a stranger's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audits.models import HostState

CHANNELS = {"powershell_direct": "through its host, by PowerShell Direct", "winrm": "over the network, by WinRM"}
BUSES = {1: "SCSI", 3: "ATA", 7: "USB", 8: "RAID", 9: "iSCSI", 10: "SAS", 11: "SATA", 14: "virtual", 17: "NVMe"}
# Partitions that hold nothing a person would know by a drive letter.
PARTITIONS = {
    "{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}": "EFI system partition",
    "{de94bba4-06d1-4d40-a16a-bfd50179d6ac}": "Recovery partition",
    "{e3c9e316-0b5c-4db8-817d-f92df00215ae}": "Microsoft reserved partition",
}
STYLES = {1: "MBR", 2: "GPT"}
# More rows than a person reads on one page; an honest guest has fewer.
MOST_ROWS = 40
STABLE = {1, 5}  # 5: waiting for the end of a backup, normal


@dataclass(frozen=True, slots=True)
class Inside:
    """One guest's reading. `status` other than ok: it told nothing, and `reason` says why."""

    reading: dict[str, Any]
    read_at: datetime | None

    @property
    def status(self) -> str:
        return str(self.reading.get("status") or "error")

    @property
    def is_read(self) -> bool:
        return self.status == "ok"

    @property
    def reason(self) -> str | None:
        return self.reading.get("reason")

    @property
    def channel(self) -> str:
        return CHANNELS.get(self.reading.get("channel") or "", "in an unknown way")

    @property
    def services(self) -> list[dict[str, Any]]:
        return self._rows("services")

    @property
    def volumes(self) -> list[dict[str, Any]]:
        return [{**volume, "title": _title_of(volume)} for volume in self._rows("volumes")]

    @property
    def disks(self) -> list[dict[str, Any]]:
        return [
            {
                **disk,
                "bus": BUSES.get(disk.get("bus_type") or 0, ""),
                "style": STYLES.get(disk.get("partition_style") or 0, ""),
            }
            for disk in self._rows("disks")
        ]

    @property
    def failed_writers(self) -> list[dict[str, Any]]:
        return [writer for writer in self._rows("writers") if writer.get("state") not in STABLE]

    @property
    def writers_read(self) -> bool:
        return self.reading.get("writers") is not None

    @property
    def gaps(self) -> list[str]:
        return list(self.reading.get("gaps") or [])[:MOST_ROWS]

    def _rows(self, name: str) -> list[dict[str, Any]]:
        return list(self.reading.get(name) or [])[:MOST_ROWS]


def _title_of(volume: dict[str, Any]) -> str:
    """Drive letter or mount path; a volume without one is told by its partition, its label, or as what it lacks."""
    name = str(volume.get("name") or "")
    if name and not name.startswith("\\\\?\\"):
        return name
    return PARTITIONS.get(str(volume.get("partition_type"))) or volume.get("label") or "no drive letter"


def inside_of(state: HostState | None, guests: dict[str, Any] | None, guid: str) -> Inside | None:
    """This VM's reading among the host's section `guests`; None where nobody gave access to it."""
    if state is None:
        return None
    rows = (guests or {}).get("guests") or []
    reading = next((row for row in rows if row.get("vm_id") == guid), None)
    if reading is None:
        return None
    read_at = (state.sections.get("guests") or {}).get("read_at")
    return Inside(reading, datetime.fromisoformat(read_at) if isinstance(read_at, str) else None)
