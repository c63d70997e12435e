"""What the product's offline script prints on a described host, in the encodings in which such a text arrives.

Written from the script's own text, as a PowerShell would run it: whatever it holds as nonce, salt and sections counts.
"""

import base64
import hashlib
import re
import uuid
from datetime import UTC, datetime

from simulator.windows.envelope import encode, envelope
from simulator.windows.host import WindowsHost

WIDTH = 72


def printed(host: WindowsHost, script: str, *, now: datetime | None = None, machine_guid: str = "") -> str:
    """The whole output with CR LF, as the script would print it at `now` on this host."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    nonce, salt = _assigned(script, "Nonce"), _assigned(script, "MachineSalt")
    listed = re.search(r"foreach \(\$name in '([a-z_,]+)'\.Split", script)
    if listed is None:
        raise ValueError("the script names no sections")
    guid = machine_guid or str(uuid.uuid5(uuid.NAMESPACE_DNS, host.name))
    computer = host.name.split(".")[0].upper()
    digits = moment.strftime("%Y%m%d%H%M%S")
    fields = [
        ("format", "1"),
        ("nonce", nonce),
        ("computer", base64.b64encode(computer.encode()).decode()),
        ("machine", _sha256(salt + guid)),
        ("started_at", digits),
    ]
    whole = nonce
    for section in listed.group(1).split(","):
        packed = encode(envelope(host, section, now=moment))
        fields += [("section", section), ("sha256", _sha256(packed)), ("data", packed)]
        whole += _sha256(packed)
    fields += [("finished_at", digits), ("digest", _sha256(whole))]
    lines = ["-----BEGIN FLEET AUDIT EVIDENCE-----"]
    for name, value in fields:
        lines += [f":{name}", *(value[at : at + WIDTH] for at in range(0, len(value), WIDTH))]
    return "\r\n".join([*lines, "-----END FLEET AUDIT EVIDENCE-----", ""])


def redirected(text: str, powershell: str = "5.1") -> bytes:
    """The bytes that `>` makes of it: UTF-16 with a mark up to 5.1, UTF-8 without one since 6."""
    return text.encode("utf-8") if int(powershell.split(".")[0]) >= 6 else text.encode("utf-16")


def _assigned(script: str, name: str) -> str:
    found = re.search(rf"^\${name} = '([^']*)'$", script, re.MULTILINE)
    if found is None:
        raise ValueError(f"the script sets no ${name}")
    return found.group(1)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
