"""A fix with its placeholders filled in for one subject, ready to be read and copied. Never run by this product."""

import unicodedata
from dataclasses import dataclass

from audits.judgement.fixes import FIXES, Fix

# PowerShell ends a single-quoted string at any of these, not at the ASCII one alone.
_QUOTES = "'\u2018\u2019\u201a\u201b"


@dataclass(frozen=True, slots=True)
class FixText:
    fix: Fix
    commands: str


def fix_text(fix_id: str | None, *, vm: str | None = None) -> FixText | None:
    """The fix of that id. A VM name becomes one quoted PowerShell string; other placeholders stay."""
    fix = FIXES.get(fix_id or "")
    if fix is None:
        return None
    commands = "\n".join(fix.lines)
    if vm is not None:
        commands = commands.replace("{vm}", quoted(vm))
    return FixText(fix, commands)


def quoted(text: str) -> str:
    """`text` as a PowerShell literal. A name that cannot be typed safely stays a placeholder."""
    if len(text) > 200 or any(unicodedata.category(character).startswith(("C", "Zl", "Zp")) for character in text):
        return "'<name of the VM>'"
    return "'" + "".join(character * 2 if character in _QUOTES else character for character in text) + "'"
