"""F16: correct the shadow storage: its limit, or the volume it lies on."""

from audits.judgement.evidence.guests import GuestShadowStorage, GuestVolume
from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Choice, Fix, Phase, Recipe, Risk, Variant, Where
from audits.judgement.powershell import Code, commands, volume_argument

LIST = "vssadmin.exe list shadowstorage"
DELETES = "the existing shadow copies of the volume are deleted, restore points included"
VOLUME = Choice("Volume", "the drive, such as D:")
OTHER = Choice("Other", "the drive that holds its shadow storage now")
RESIZE = "vssadmin.exe resize shadowstorage {of} {on} /maxsize=UNBOUNDED"
SERVER_ONLY = "vssadmin knows add and delete on Windows Server only; on a client Windows use System Protection instead."


def _argument(switch: str, drive: str | Code) -> str | Code:
    """`/for=` and the volume as one argument; a variable needs double quotes to be filled in by PowerShell."""
    return Code(f'"{switch}{drive}"') if isinstance(drive, Code) else f"{switch}{drive}"


def _raise_limit(case: Case) -> Recipe:
    drive = case.drive
    line = commands(RESIZE, of=_argument("/for=", drive), on=_argument("/on=", drive)) if drive is not None else ""
    return Recipe(
        phase=Phase.ROOM,
        by_hand=(
            "Explorer > the volume > Properties > Shadow Copies > Settings: choose “No limit”, or at least 320 MB.",
            "If the volume itself has no room for a first copy, make room first (F10).",
        ),
        choose=(VOLUME,) if isinstance(drive, Code) else (),
        commands=line,
        no_commands="" if line else "The volume has no name that can be passed to vssadmin safely.",
        verify=LIST,
        done_when="The maximum of the volume is UNBOUNDED, or at least 320 MB and more than what is used.",
        way_back="Set the old limit the same way. Making it smaller than what is used deletes shadow copies.",
        caveats=(
            "Raising a limit deletes nothing; lowering one does.",
            "The words that vssadmin prints are translated.",
        ),
    )


def _bring_home(case: Case) -> Recipe:
    return _moved(case, Where.HOST, case.drive, _host_other(case), Phase.ROOM)


def _host_other(case: Case) -> str | Code | None:
    """Where the volume's shadow storage lies now."""
    volumes = case.host.evidence.volumes if case.host else None
    if case.volume is None or volumes is None:
        return Code("$Other")
    names = {volume.volume_id.lower(): volume.name for volume in volumes.volumes or ()}
    for row in volumes.shadow_storage or ():
        if (
            row.volume_id.lower() == case.volume.key
            and row.diff_volume_id
            and row.diff_volume_id.lower() != row.volume_id.lower()
        ):
            return volume_argument(names.get(row.diff_volume_id.lower()), row.diff_volume_id)
    return Code("$Other")


def _bring_guest_home(case: Case) -> Recipe:
    row = _moved_in_guest(case)
    if row is None:
        return _moved(case, Where.GUEST, Code("$Volume"), Code("$Other"), Phase.GUEST)
    names = {volume.volume_id.lower(): volume for volume in (case.guest.volumes or ())} if case.guest else {}
    return _moved(case, Where.GUEST, _drive(names, row.volume_id), _drive(names, row.diff_volume_id or ""), Phase.GUEST)


def _moved_in_guest(case: Case) -> GuestShadowStorage | None:
    rows = (case.guest.shadow_storage or ()) if case.guest else ()
    return next(
        (row for row in rows if row.diff_volume_id and row.diff_volume_id.lower() != row.volume_id.lower()), None
    )


def _drive(names: dict[str, GuestVolume], volume_id: str) -> str | None:
    volume = names.get(volume_id.lower())
    return volume_argument(volume.name if volume else None, volume_id)


MOVE = """\
vssadmin.exe delete shadows {of}
vssadmin.exe delete shadowstorage {of} {on_other}
vssadmin.exe add shadowstorage {of} {on} /maxsize=10%"""
BACK = """\
vssadmin.exe delete shadowstorage {of} {on}
vssadmin.exe add shadowstorage {of} {on_other} /maxsize=10%"""


def _moved(case: Case, where: Where, drive: str | Code | None, other: str | Code | None, phase: Phase) -> Recipe:
    choose = ((VOLUME,) if isinstance(drive, Code) else ()) + ((OTHER,) if isinstance(other, Code) else ())
    lines = back = ""
    if drive is not None and other is not None:
        arguments = {
            "of": _argument("/for=", drive),
            "on": _argument("/on=", drive),
            "on_other": _argument("/on=", other),
        }
        lines, back = commands(MOVE, **arguments), commands(BACK, **arguments)
    return Recipe(
        phase=phase,
        where=where,
        irreversible=DELETES,
        by_hand=(
            "Explorer > the volume > Properties > Shadow Copies > the volume > Delete its copies.",
            "Settings > Storage area: choose the volume itself, then set the limit.",
        ),
        choose=choose,
        commands=lines,
        no_commands="" if lines else "A volume has no name that can be passed to vssadmin safely.",
        verify=LIST,
        done_when="“For volume” and “Shadow Copy Storage volume” name the same volume, or nothing is listed for it: "
        "then storage is made on demand, on the volume itself.",
        undo=back,
        way_back="The place can be set back the same way. The deleted shadow copies cannot be brought back.",
        caveats=(
            "Ask first: somebody may rely on previous versions of files.",
            SERVER_ONLY,
            *(
                ("That shadow storage of a host volume must be on the volume itself has no Microsoft source.",)
                if where is Where.HOST
                else ()
            ),
        ),
    )


FIX = Fix(
    id="F16",
    title="Correct the shadow storage",
    why="A shadow copy keeps what changes meanwhile in its storage; too small or in the wrong place, the copy breaks.",
    effort_minutes=10,
    risk=Risk.MEDIUM,
    caveat="Moving it to its own volume deletes the existing shadow copies.",
    variants=(
        Variant(
            name="on another volume of the host",
            rules=("VOL-SHADOW",),
            when=lambda case: case.measured.startswith("on "),
            write=_bring_home,
        ),
        Variant(name="limit too small", rules=("VOL-SHADOW",), write=_raise_limit),
        Variant(name="on another volume in the guest", rules=("G-SHADOW",), write=_bring_guest_home),
    ),
)
