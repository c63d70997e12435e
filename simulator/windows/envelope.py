"""A section in its envelope, and the text in which it travels: base64 of gzip of compact JSON."""

import base64
import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, get_args

from simulator.windows.host import WindowsHost
from simulator.windows.pace import section_seconds
from simulator.windows.sections import READERS, Gap, Reading
from simulator.windows.sections.guests import read_with as read_guests
from simulator.windows.sections.reading import Why
from simulator.windows.times import whole_hour

SCHEMA_VERSION = 1
PROBE_VERSION = "1.1.0"


def envelope(
    host: WindowsHost,
    section: str,
    *,
    now: datetime | None = None,
    anchor: datetime | None = None,
    probe_version: str = PROBE_VERSION,
) -> dict[str, Any]:
    """The envelope of one section, as the probe would write it at `now`.

    What must not differ between two readings of an unchanged host (the age of a checkpoint, say) is counted back from
    `anchor`, by default the hour of `now`. KeyError for a section that no probe file reads.
    """
    moment = now or datetime.now(UTC)
    reading = READERS[section](host, moment, anchor or whole_hour(moment))
    return _enveloped(host, section, reading, probe_version)


def guests_envelope(
    host: WindowsHost, requests: Sequence[tuple[str, str, str]], *, probe_version: str = PROBE_VERSION
) -> dict[str, Any]:
    """The envelope of section `guests` when these are asked: VM id, user name and password of each."""
    return _enveloped(host, "guests", read_guests(host, requests), probe_version)


def _enveloped(host: WindowsHost, section: str, read: Reading, probe_version: str) -> dict[str, Any]:
    reading = _ended(host, section, read)
    return {
        "section": section,
        "schema_version": SCHEMA_VERSION,
        "probe_version": probe_version,
        "status": reading.status,
        "reason": reading.reason,
        "duration_ms": int(section_seconds(host, section) * 1000) or 12,
        "gaps": [{"what": gap.what, "why": gap.why, "detail": gap.detail} for gap in reading.gaps],
        "data": None if reading.data is None else reading.data | dict(host.reports.get(section, {})),
    }


def encode(document: dict[str, Any]) -> str:
    """The text the probe emits. The fastest compression: a host with 50 VMs is 10 KB either way."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.b64encode(gzip.compress(text, compresslevel=1, mtime=0)).decode()


def _ended(host: WindowsHost, section: str, reading: Reading) -> Reading:
    """The reading as the scenario lets it end."""
    failure = host.sections.get(section)
    if failure is None:
        return reading
    unknown = set(failure.gaps.values()) - set(get_args(Why))
    if unknown:
        raise ValueError(f"host {host.name!r}, section {section}: a gap cannot be {unknown.pop()!r}")
    gaps = [Gap(what, why) for what, why in failure.gaps.items()]  # type: ignore[arg-type]
    if failure.status != "ok":
        return Reading(None, gaps, failure.status, failure.reason)
    data = dict(reading.data or {})
    for gap in gaps:
        if gap.what in data:
            data[gap.what] = None
    return Reading(data, [*reading.gaps, *gaps])
