"""What a host told us: one type per section, and the whole host as the rules see it."""

from audits.judgement.evidence.cluster import Cluster
from audits.judgement.evidence.envelope import SCHEMA_VERSION, Envelope, Gap
from audits.judgement.evidence.guest_facts import GuestFacts
from audits.judgement.evidence.guests import Guests
from audits.judgement.evidence.host import HostEvidence, SectionReading, host_class_of, of_sections
from audits.judgement.evidence.identity import Identity
from audits.judgement.evidence.jobs import Jobs
from audits.judgement.evidence.services import Services
from audits.judgement.evidence.types import Evidence
from audits.judgement.evidence.vm_events import VmEvents
from audits.judgement.evidence.vms import VMs
from audits.judgement.evidence.volumes import Volumes
from audits.judgement.evidence.vss_events import VssEvents
from audits.judgement.evidence.writers import Writers
from audits.judgement.words import Section

SECTION_TYPES: dict[Section, type[Evidence]] = {
    Section.IDENTITY: Identity,
    Section.SERVICES: Services,
    Section.VOLUMES: Volumes,
    Section.CLUSTER: Cluster,
    Section.VMS: VMs,
    Section.GUEST_FACTS: GuestFacts,
    Section.VSS_EVENTS: VssEvents,
    Section.VM_EVENTS: VmEvents,
    Section.JOBS: Jobs,
    Section.WRITERS: Writers,
    Section.GUESTS: Guests,
}

__all__ = [
    "SCHEMA_VERSION",
    "SECTION_TYPES",
    "Cluster",
    "Envelope",
    "Evidence",
    "Gap",
    "GuestFacts",
    "Guests",
    "HostEvidence",
    "Identity",
    "Jobs",
    "SectionReading",
    "Services",
    "VMs",
    "VmEvents",
    "Volumes",
    "VssEvents",
    "Writers",
    "host_class_of",
    "of_sections",
]
