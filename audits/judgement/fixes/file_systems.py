"""Converting a volume to NTFS, the same on the host and in a guest."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Choice, Phase, Recipe, Where
from audits.judgement.powershell import Code, commands

CONVERTIBLE = "FAT"
LIST_VOLUMES = "Get-WmiObject -Class Win32_Volume -Filter 'DriveType=3' | Select-Object 'Name', 'FileSystem'"


def convert_to_ntfs(case: Case, *, where: Where, drive: str | Code | None, phase: Phase, move: str) -> Recipe:
    """FAT and FAT32 are converted in place, everything else is moved; `drive` None: no name that may be passed on."""
    may_convert = "exfat" not in case.measured.lower() and drive is not None
    convert = commands("convert.exe {drive} /fs:ntfs", drive=drive) if drive is not None else ""
    return Recipe(
        phase=phase,
        where=where,
        downtime="nothing may use the volume while it is converted",
        irreversible="NTFS is not turned back into FAT without formatting" if may_convert else "",
        by_hand=(
            "Make a backup of the volume.",
            "Only FAT and FAT32 can be converted in place: convert.exe asks for the volume's label.",
            move,
        ),
        choose=(Choice("Volume", "the drive, such as E:"),) if isinstance(drive, Code) else (),
        commands=convert if may_convert else "",
        no_commands="" if may_convert else "This file system cannot be converted in place: the data has to move.",
        verify=LIST_VOLUMES,
        done_when="FileSystem is NTFS (ReFS counts as well), or nothing that matters is on the volume any more.",
        way_back="Cannot be undone; a backup of the volume is the way back." if may_convert else "Move the data back.",
        caveats=(
            "exFAT cannot be converted.",
            "An EFI system partition is FAT32 by design and never the problem: leave it alone.",
        ),
    )
