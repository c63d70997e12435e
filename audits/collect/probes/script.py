"""Puts the probe's files together into the one script that is sent to a host."""

import hashlib
from importlib.resources import files

from audits.judgement.words import Section

# Stands in the script's first line and in every envelope; changes whenever a file of the probe does.
PROBE_VERSION = "1.1.0"

# The order in which a host is read: what every verdict needs comes early, what asks all VSS writers comes last.
SECTION_ORDER: tuple[Section, ...] = tuple(Section)

# What the sections stand on, in the order of their need; the runner starts them and so comes last.
_BEFORE = ("header", "gaps", "rows", "json", "events")
_AFTER = ("runner",)

# Above about this many bytes, WinRM's default envelope of 500 KB no longer takes the script (as base64) in one request.
MAX_SCRIPT_BYTES = 375 * 1024


def probe_script() -> str:
    """The whole probe, about 76 KB of ASCII. Reads the package's files each time: keep what it returns.

    Parameters of the script: Sections (comma-joined names), EventDays, EventLimit (events counted per provider),
    VMEventLimit (events told one by one per provider of Hyper-V, a quarter of it for others), WriterSeconds (limit for
    vssadmin and diskshadow together). It emits one string per section, base64(gzip(JSON)).
    """
    return "\n".join(_read(name) for name in (*_BEFORE, *SECTION_ORDER, *_AFTER))


def probe_sha256(script: str) -> str:
    """Lower-case hex digest that names this very script on pages and in the audit trail."""
    return hashlib.sha256(script.encode()).hexdigest()


def _read(name: str) -> str:
    return files(__package__).joinpath(f"{name}.ps1").read_text(encoding="ascii")
