"""Makes the files of the JEA endpoint from those of the probe; the same every time, byte for byte."""

import hashlib
import io
import zipfile
from importlib.resources import files

from audits.collect.probes import PROBE_VERSION, probe_script

# The module is the probe, so its version is the probe's: every envelope carries it, and the host's page compares.
MODULE_VERSION = PROBE_VERSION

# Where each file belongs below the folder that is unpacked on the host.
_PLACES = {
    "FleetAudit.psd1": "FleetAudit/FleetAudit.psd1",
    "FleetAudit.psm1": "FleetAudit/FleetAudit.psm1",
    "FleetAudit.psrc": "FleetAudit/RoleCapabilities/FleetAudit.psrc",
    "FleetAudit.pssc": "FleetAudit.pssc",
}
# The least that a zip archive can say, so that the archive does not depend on when it was made.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def jea_files() -> dict[str, bytes]:
    """Path and content of every file, INSTALL.txt last. About 125 KB; read from the package each time."""
    made = {place: _read(name).encode("ascii") for name, place in _PLACES.items()}
    hashes = "\n".join(f"  {hashlib.sha256(content).hexdigest()}  {place}" for place, content in made.items())
    install = _read("INSTALL.txt").replace("@HASHES@", hashes)
    return made | {"INSTALL.txt": install.replace("\n", "\r\n").encode("ascii")}  # Notepad up to 2016 wants CR LF


def jea_archive() -> bytes:
    """The files as one zip archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for place, content in jea_files().items():
            packed.writestr(zipfile.ZipInfo(place, _NO_TIME), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def _read(name: str) -> str:
    text = files(__package__).joinpath(name).read_text(encoding="ascii")
    return text.replace("@VERSION@", MODULE_VERSION).replace("@PROBE@", probe_script().rstrip("\n"))
