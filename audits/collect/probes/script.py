"""Puts the probe's files together into the one script that is sent to a host."""

import hashlib
from importlib.resources import files

from audits.judgement.words import Section

# Stands in the script's first line and in every envelope; changes whenever a file of the probe does.
PROBE_VERSION = "1.1.0"

# The order in which a host is read: what every verdict needs comes early, what asks all VSS writers comes late, and
# guests, any of which may hang, come last.
SECTION_ORDER: tuple[Section, ...] = tuple(Section)

# What the sections stand on, in the order of their need; the runner starts them and so comes last.
_BEFORE = ("header", "limits", "gaps", "rows", "json", "native", "events")
_AFTER = ("runner",)
# What a guest runs by itself: the same ground, and the one file that reads a guest.
_GUEST = ("guest_header", "limits", "gaps", "rows", "json", "native", "guest")

# Above about this many bytes, WinRM's default envelope of 500 KB no longer takes the script (as base64) in one request.
MAX_SCRIPT_BYTES = 375 * 1024


def probe_script() -> str:
    """The whole probe, about 120 KB of ASCII. Reads the package's files each time: keep what it returns.

    Parameters of the script: Sections (comma-joined names), EventDays, EventLimit (events counted per provider),
    SectionSeconds (limit of each section, kept between two items), VMEventLimit (events told one by one per provider of
    Hyper-V, a quarter of it for others), WriterSeconds (for vssadmin and diskshadow together); GuestList (`VM
    id,number of its credential,seconds` joined by semicolons), GuestCredentials, GuestSeconds (limit for all guests
    together). It emits one string per section, base64(gzip(JSON)).
    """
    before = "\n".join(map(_read, _BEFORE))
    guest = f"$GuestProbe = {{\n{guest_script()}}}\n"
    return "\n".join((before, guest, *map(_read, (*SECTION_ORDER, *_AFTER))))


def guest_script() -> str:
    """What runs inside a guest: by PowerShell Direct as the one script block of the probe, by WinRM as a script.

    Parameters: EventDays, WriterSeconds. It emits one string, base64(gzip(JSON)) of `GuestTold`.
    """
    return "\n".join(map(_read, _GUEST))


def probe_sha256(script: str) -> str:
    """Lower-case hex digest that names this very script on pages and in the audit trail."""
    return hashlib.sha256(script.encode()).hexdigest()


def _read(name: str) -> str:
    return files(__package__).joinpath(f"{name}.ps1").read_text(encoding="ascii")
