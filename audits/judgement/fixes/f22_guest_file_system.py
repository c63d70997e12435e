"""F22: give the guest's volume a file system that supports snapshots."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.file_systems import convert_to_ntfs
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Risk, Variant, Where
from audits.judgement.powershell import Code, volume_argument


def _convert(case: Case) -> Recipe:
    return convert_to_ntfs(
        case,
        where=Where.GUEST,
        drive=_drive(case),
        phase=Phase.GUEST,
        move="Or give the VM another disk with NTFS and move the data there; or exclude the disk from the backup.",
    )


def _drive(case: Case) -> str | Code | None:
    """The guest's first volume with FAT that has a drive letter; asked for where none was read."""
    for volume in (case.guest.volumes or ()) if case.guest else ():
        if (volume.file_system or "").upper().startswith("FAT") and volume.name and len(volume.name) <= 3:
            return volume_argument(volume.name)
    return Code("$Volume")


FIX = Fix(
    id="F22",
    title="Give the guest's volume a file system that supports snapshots",
    why="Every volume of the guest has to be able to hold a snapshot, else the guest as a whole is not backed up live.",
    needs_downtime=True,
    effort_minutes=60,
    risk=Risk.HIGH,
    caveat="In the guest. exFAT cannot be converted: move the data to another disk.",
    variants=(Variant(name="FAT or exFAT", rules=("G-FS",), write=_convert),),
)
