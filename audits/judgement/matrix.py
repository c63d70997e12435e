"""The matrix: what a failed condition does, by Windows version and backup path. People review it in docs/matrix.md.

Every cell is written as there: a letter and, in brackets, how sure the sources are (h, m, l). S saved state;
O the writer calls the VM offline; K crash-consistent or failed, as the backup product decides; F the backup fails;
- no effect; ? no source says; B a backup or merge is under way, ask again; n/a cannot occur.
"""

import re
from enum import StrEnum

from msgspec import Struct

from audits.judgement.words import Confidence, VerdictWord, WindowsBuild


class Column(StrEnum):
    """A Windows version and the path of the backup; what stands above a column of the matrix."""

    SERVER_2008_R2 = "2008 R2"
    SERVER_2012 = "2012"
    SERVER_2012_R2 = "2012 R2"
    SINCE_2016_VSS = "2016-2025 vss"
    SINCE_2016_WMI = "2016-2025 wmi"


class Effect(StrEnum):
    SAVED = "S"
    OFFLINE = "O"
    CRASH = "K"
    FAIL = "F"
    NONE = "-"
    UNSOURCED = "?"
    BUSY = "B"
    IMPOSSIBLE = "n/a"


# What each effect makes of the VM; the others leave the verdict alone or make it unknown.
VERDICT_OF = {
    Effect.FAIL: VerdictWord.BACKUP_FAILS,
    Effect.SAVED: VerdictWord.SAVED_STATE,
    Effect.OFFLINE: VerdictWord.SAVED_STATE,
    Effect.CRASH: VerdictWord.CRASH_CONSISTENT,
}
_LETTERS = {"h": Confidence.HIGH, "m": Confidence.MEDIUM, "l": Confidence.LOW}


class Cell(Struct, frozen=True):
    effect: Effect
    confidence: Confidence

    @property
    def text(self) -> str:
        """As the document writes it: `S(h)`."""
        letter = {Confidence.HIGH: "(h)", Confidence.MEDIUM: "(m)", Confidence.LOW: "(l)"}.get(self.confidence, "")
        return f"{self.effect.value}{letter}"

    @property
    def matters(self) -> bool:
        return self.effect not in (Effect.NONE, Effect.IMPOSSIBLE)


def cell(text: str) -> Cell:
    """Read one cell as the document writes it: `S(h)`, `?`, `-`. ValueError for anything else."""
    match = re.fullmatch(r"(\S+?)(?:\(([hml])\))?", text)
    if match is None:
        raise ValueError(f"{text!r} is no cell: expected a letter and perhaps (h), (m) or (l), as S(h)")
    return Cell(Effect(match[1]), _LETTERS.get(match[2], Confidence.NONE))


NO_EFFECT = Cell(Effect.NONE, Confidence.NONE)


def _row(*cells: str) -> dict[Column, Cell]:
    return dict(zip(Column, map(cell, cells), strict=True))


MATRIX: dict[str, dict[Column, Cell]] = {
    #                     2008 R2  2012    2012 R2  since 2016: vss, wmi
    "VM-RUN": _row("S(m)", "S(m)", "O(m)", "O(l)", "K(m)"),
    "VM-ISBACKUP": _row("S(h)", "S(h)", "O(h)", "O(m)", "K(h)"),
    "VM-ISSTATE": _row("S(h)", "S(h)", "O(h)", "O(m)", "K(h)"),
    "VM-SNAPLOC": _row("S(h)", "S(h)", "?(l)", "?(l)", "-(m)"),
    "VM-SCSI": _row("-", "-", "F(h)", "?(l)", "?(l)"),
    "VM-PASSTHRU": _row("-(h)", "-(h)", "F(m)", "F(m)", "F(h)"),
    "VM-SHARED": _row("n/a", "n/a", "F(h)", "F(h)", "F(h)"),
    "VM-CHAIN": _row("F(h)", "F(h)", "F(h)", "F(h)", "F(h)"),
    "VM-BUSY": _row("B(m)", "B(m)", "B(m)", "B(m)", "B(m)"),
    "VM-CKPT": _row("n/a", "n/a", "n/a", "?(l)", "?(l)"),
    "VM-STORAGE": _row("F(h)", "F(h)", "F(h)", "F(h)", "F(h)"),
    "VM-CLUSTER": _row("S(h)", "S(h)", "O(m)", "O(m)", "?"),
    "VM-GUESTOS": _row("S(h)", "S(h)", "O(m)", "?", "K(m)"),
    "VOL-FREE": _row("F(h)", "F(h)", "F(h)", "F(h)", "F(h)"),
    "HOST-VMMS": _row("F(m)", "F(m)", "F(m)", "F(m)", "-"),
    "HOST-SVC": _row("F(m)", "F(m)", "F(m)", "F(m)", "-"),
    "HOST-WRITER": _row("F(m)", "F(m)", "F(m)", "F(m)", "-"),
    "HOST-RAM": _row("-(l)", "-(l)", "?", "?", "?"),
    "G-VMICVSS": _row("S(h)", "S(h)", "O(h)", "O(m)", "K(m)"),
    "G-SVC": _row("S(h)", "S(h)", "O(h)", "O(m)", "K(m)"),
    "G-FS": _row("S(h)", "S(h)", "O(m)", "O(l)", "?(l)"),
    "G-FS/ReFS": _row("?", "?", "-(l)", "-(l)", "-(l)"),
    "G-LDM": _row("S(h)", "S(h)", "O(m)", "O(l)", "?(l)"),
    "G-SHADOW": _row("S(h)", "S(m)", "?(l)", "?(l)", "?(l)"),
    "G-SCOPE": _row("S(h)", "-", "-", "-", "-"),
    "G-LINUX": _row("S(h)", "S(h)", "O(h)", "O(m)", "K(h)"),
}

# The guest's conditions by column: every G-* check that applies to the class. G-LINUX begins with 2012 R2 (before,
# VM-GUESTOS judges Linux), G-SCOPE is about 2008 R2 alone. VM-GUESTOS is read on the host and belongs to them.
_EVERY_GUEST = ("G-VMICVSS", "G-SVC", "G-FS", "G-LDM", "G-SHADOW", "G-FREE", "G-WRITERS", "G-ISCSI")
GUEST_CONDITIONS: dict[Column, tuple[str, ...]] = {
    Column.SERVER_2008_R2: (*_EVERY_GUEST, "G-SCOPE"),
    Column.SERVER_2012: _EVERY_GUEST,
    Column.SERVER_2012_R2: (*_EVERY_GUEST, "G-LINUX"),
    Column.SINCE_2016_VSS: (*_EVERY_GUEST, "G-LINUX"),
    Column.SINCE_2016_WMI: (*_EVERY_GUEST, "G-LINUX"),
}
EVERY_GUEST_CONDITION = frozenset(rule_id for ids in GUEST_CONDITIONS.values() for rule_id in ids)
GUEST_OS_CONDITION = "VM-GUESTOS"


def vss_column(build: int) -> Column:
    """The column of path vss for a server's build. 2008 is read as 2008 R2, a younger build as the youngest."""
    if build < WindowsBuild.SERVER_2012:
        return Column.SERVER_2008_R2
    if build < WindowsBuild.SERVER_2012_R2:
        return Column.SERVER_2012
    return Column.SERVER_2012_R2 if build < WindowsBuild.SERVER_2016 else Column.SINCE_2016_VSS
