"""One host as the rules see it: every section with how its reading ended."""

from collections.abc import Mapping

from msgspec import Struct

from audits.judgement.evidence.cluster import Cluster
from audits.judgement.evidence.envelope import Gap
from audits.judgement.evidence.guest_facts import GuestFacts
from audits.judgement.evidence.guests import Guests
from audits.judgement.evidence.identity import Identity
from audits.judgement.evidence.jobs import Jobs
from audits.judgement.evidence.services import Services
from audits.judgement.evidence.types import Evidence
from audits.judgement.evidence.vm_events import VmEvents
from audits.judgement.evidence.vms import VMs
from audits.judgement.evidence.volumes import Volumes
from audits.judgement.evidence.vss_events import VssEvents
from audits.judgement.evidence.writers import Writers
from audits.judgement.words import HostClass, Section, SectionStatus, WindowsBuild

CLUSTER_SERVICE = "clussvc"
STARTS_WITH_WINDOWS = "auto"


class SectionReading(Struct, frozen=True, kw_only=True):
    """How reading one section ended. `status` None: the section never arrived."""

    section: Section
    status: SectionStatus | None
    reason: str | None = None
    duration_seconds: float | None = None
    gaps: tuple[Gap, ...] = ()


class HostEvidence(Struct, frozen=True, kw_only=True):
    """All that one audit read of one host. A section that was not read is None; `readings` says why."""

    readings: Mapping[Section, SectionReading]
    identity: Identity | None = None
    services: Services | None = None
    volumes: Volumes | None = None
    cluster: Cluster | None = None
    vms: VMs | None = None
    guest_facts: GuestFacts | None = None
    guests: Guests | None = None
    vss_events: VssEvents | None = None
    vm_events: VmEvents | None = None
    jobs: Jobs | None = None
    writers: Writers | None = None

    @property
    def host_class(self) -> HostClass:
        return host_class_of(self.identity)

    @property
    def is_in_no_cluster(self) -> bool:
        """Whether the host said that it is in no cluster. A node whose cluster service stands still says the same, but
        there that service is to start with Windows; on a host with the mere feature it is disabled.
        """
        reading = self.readings.get(Section.CLUSTER)
        if reading is None or reading.status is not SectionStatus.SKIPPED:
            return False
        services = (self.services.services or ()) if self.services else ()
        modes = {service.name.lower(): (service.start_mode or "").lower() for service in services}
        return modes.get(CLUSTER_SERVICE) != STARTS_WITH_WINDOWS

    def why_missing(self, section: Section, what: str | None = None) -> str:
        """A reason, in words, why a section or one field of it is not known. Never empty."""
        reading = self.readings.get(section)
        if reading is None or reading.status is None:
            return f"section {section} did not arrive"
        for gap in reading.gaps:
            if what is not None and (gap.what == what or what.startswith(f"{gap.what}.")):
                return f"{what}: {WHY_IN_WORDS[gap.why]}{_in_brackets(gap)}"
        if reading.status is not SectionStatus.OK:
            return f"section {section}: {reading.reason or reading.status}"
        return f"the host did not report {what or section}"


def _in_brackets(gap: Gap) -> str:
    """The detail behind the reason; how long something took is part of the sentence: `timed out after 61 s`."""
    if not gap.detail:
        return ""
    return f" {gap.detail}" if gap.why == "timed_out" and gap.detail.startswith("after ") else f" ({gap.detail})"


def of_sections(
    readings: Mapping[Section, SectionReading], sections: Mapping[Section, Evidence | None]
) -> HostEvidence:
    """The host from its sections, each of which has the field of its own name."""
    fields = {str(section): data for section, data in sections.items()}
    return HostEvidence(readings=readings, **fields)  # type: ignore[arg-type] # a field's name decides its type


WHY_IN_WORDS = {
    "denied": "the account may not read it",
    "absent": "this Windows does not offer it",
    "failed": "reading it failed",
    "timed_out": "timed out",
    "refused": "this Windows refused the read-only way of asking",
    "truncated": "there was more than the limit",
    "skipped": "it was left out on purpose",
}


def host_class_of(identity: Identity | None) -> HostClass:
    """The host class by Windows build; a build younger than any known one behaves as the youngest class."""
    if identity is None or identity.os_build is None:
        return HostClass.UNKNOWN
    if identity.product_type == 1:
        return HostClass.CLIENT
    build = identity.os_build
    if build < WindowsBuild.SERVER_2008:
        return HostClass.UNKNOWN
    if build < WindowsBuild.SERVER_2012_R2:
        return HostClass.A
    return HostClass.B if build < WindowsBuild.SERVER_2016 else HostClass.C
