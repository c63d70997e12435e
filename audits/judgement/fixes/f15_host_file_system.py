"""F15: give the host's volume a file system that can be shadow-copied."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.file_systems import convert_to_ntfs
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Risk, Variant, Where


def _convert(case: Case) -> Recipe:
    return convert_to_ntfs(
        case,
        where=Where.HOST,
        drive=case.drive,
        phase=Phase.ELSEWHERE,
        move="Or move the VMs to a volume with NTFS or ReFS: Hyper-V Manager > the VM > Move (2012 and later).",
    )


FIX = Fix(
    id="F15",
    title="Give the volume a file system that can be shadow-copied",
    why="A backup through the host's VSS makes a shadow copy of the volume, which this file system cannot have.",
    needs_downtime=True,
    effort_minutes=60,
    risk=Risk.HIGH,
    caveat="exFAT cannot be converted: move the VM instead.",
    variants=(Variant(name="not NTFS or ReFS", rules=("VOL-FS",), write=_convert),),
)
