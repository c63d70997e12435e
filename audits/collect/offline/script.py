"""Makes the one script that a person runs on a host by hand: the probe, word for word, and what prints its findings."""

from datetime import datetime
from importlib.resources import files

from audits.collect.probes import PROBE_VERSION, SECTION_ORDER, probe_script
from audits.collect.winrm import ProbeRequest


def offline_script(*, name: str, computer_name: str, nonce: str, salt: str, expires_at: datetime) -> str:
    """The script, about 125 KB of ASCII, the same for the same values.

    `name` is the file's without ending; it, `computer_name`, `nonce` and `salt` must be letters, digits, dots, dashes
    and underscores only, as they become script text: ValueError otherwise.
    """
    for value in (name, computer_name, nonce, salt):
        if not value.isascii() or not value.replace("-", "").replace("_", "").replace(".", "").isalnum():
            raise ValueError(f"{value!r} must not become part of a script")
    defaults = ProbeRequest("")
    values = {
        "VERSION": PROBE_VERSION,
        "COMPUTER": computer_name,
        "NAME": name,
        "NONCE": nonce,
        "SALT": salt,
        "EXPIRES": f"{expires_at:%Y-%m-%d %H:%M}",
        "SECTIONS": ",".join(SECTION_ORDER),
        "EVENT_DAYS": str(defaults.event_days),
        "WRITER_SECONDS": str(defaults.writer_seconds),
    }
    text = files(__package__).joinpath("wrapper.ps1").read_text(encoding="ascii")
    for word, value in values.items():
        text = text.replace(f"@{word}@", value)
    return text.replace("@PROBE@", probe_script().rstrip("\n"))
