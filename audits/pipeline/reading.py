"""What one audit of a host brought: sections with the moment they arrived, and how it ended."""

from dataclasses import dataclass, field
from datetime import datetime

from audits.collect.ending import Ending
from audits.collect.sections import DecodedSection
from audits.judgement.evidence import HostEvidence
from audits.judgement.outcomes import Outcome

USABLE = frozenset({Outcome.SUCCEEDED, Outcome.PARTIAL})


@dataclass(frozen=True, slots=True)
class Arrival:
    section: DecodedSection
    at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """`evidence` None: nothing was read. `read_at`: when, by the host's clock, where that was not just now."""

    ending: Ending
    evidence: HostEvidence | None = None
    arrivals: tuple[Arrival, ...] = field(default=())
    read_at: datetime | None = None

    @property
    def is_usable(self) -> bool:
        """Whether the evidence may replace what is stored."""
        return self.evidence is not None and self.ending.outcome in USABLE

    @property
    def probe_version(self) -> str:
        versions = (arrival.section.probe_version for arrival in self.arrivals)
        return next((version for version in versions if version), "")[:32]
