"""The capture kit as one file: its own parts of docs/capture and those parts of the probe that it stands on."""

from importlib.resources import files
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "capture"
KIT = FOLDER / "Read-HyperVFacts.ps1"
# In the order of their need. The probe's own parts keep the kit to what the probe may do.
PARTS = (
    "capture/header",
    "probe/limits",
    "probe/gaps",
    "probe/rows",
    "probe/json",
    "probe/native",
    "capture/hide",
    "capture/facts",
    "capture/run",
)


def kit() -> str:
    """The whole script, ASCII."""
    return "\n".join(_read(part) for part in PARTS)


def _read(part: str) -> str:
    place, name = part.split("/")
    if place == "capture":
        return (FOLDER / f"{name}.ps1").read_text(encoding="ascii")
    return files("audits.collect.probes").joinpath(f"{name}.ps1").read_text(encoding="ascii")


if __name__ == "__main__":
    KIT.write_text(kit(), encoding="ascii")
