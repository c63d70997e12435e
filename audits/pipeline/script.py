"""The probe as one text: its files joined in the order in which they use each other."""

from functools import cache
from pathlib import Path

DIRECTORY = Path(__file__).resolve().parent.parent / "collect" / "probes"
# The parameters come first, as PowerShell demands, and what runs everything comes last.
FIRST = "header"
LAST = "runner"


@cache
def probe_script() -> str:
    """The whole script, the same for every host."""
    files = sorted(DIRECTORY.glob("*.ps1"), key=lambda file: (file.stem != FIRST, file.stem == LAST, file.stem))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
