"""A host as the protocol server asks it: one encoded section after the other, each after its time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from simulator.windows.envelope import PROBE_VERSION, encode, envelope, guests_envelope
from simulator.windows.host import WindowsHost
from simulator.windows.pace import section_seconds
from simulator.windows.sections.guests import requests_from
from simulator.windows.times import whole_hour


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class HostSections:
    """Answers for one host. `clock` is the host's own, which may be wrong."""

    host: WindowsHost
    clock: Callable[[], datetime] = _utc_now
    probe_version: str = PROBE_VERSION
    anchor: datetime = field(default_factory=lambda: whole_hour(_utc_now()))

    def pacing_seconds(self, name: str) -> float:
        """How long the host takes to answer a section. KeyError for one that no probe file reads."""
        return section_seconds(self.host, name)

    async def read_section(self, name: str) -> str:
        """The text that the probe emits for a section. KeyError for one that no probe file reads."""
        return encode(envelope(self.host, name, now=self.clock(), anchor=self.anchor, probe_version=self.probe_version))

    async def read_guests(self, parameters: Mapping[str, object]) -> str:
        """The text that the probe emits for section `guests` when it was given guests and credentials."""
        return encode(guests_envelope(self.host, requests_from(parameters), probe_version=self.probe_version))
