"""One host prepared for its rules: chains, places, groups and witnesses are looked up once, not once per rule."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from audits.judgement.chains import Chains
from audits.judgement.episodes.episode import BackupWindow, Observation
from audits.judgement.episodes.witness import EventWitness
from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.cluster import ClusterGroup
from audits.judgement.evidence.guest_facts import Guest
from audits.judgement.evidence.guests import GuestReading
from audits.judgement.evidence.services import Service
from audits.judgement.evidence.vms import BACKUP_COMPONENT, Disk, IntegrationService, VirtualMachine
from audits.judgement.moments import moment_of
from audits.judgement.places import Places, VolumeView, is_below_cluster_storage
from audits.judgement.result import Subject
from audits.judgement.vm_state import BUSY_STATUSES, state_of
from audits.judgement.witnesses import writer_says_by_vm
from audits.judgement.words import HostClass, Scope, Section, SectionStatus, VMState, WriterSays

# Secondary status of an integration component that is switched off, whatever else it reads.
COMPONENT_DISABLED = 32896


class VMView(Struct, frozen=True, kw_only=True):
    """One VM: `facts` is what the host reported, the rest was looked up."""

    subject: Subject
    facts: VirtualMachine
    state: VMState
    disks: tuple[Disk, ...] | None  # virtual disks only
    passthrough: tuple[Disk, ...] | None
    backup_service: IntegrationService | None
    backup_service_offered: bool | None
    busy_with: str | None
    group: ClusterGroup | None
    guest: Guest | None  # what it tells through Data Exchange
    inside: GuestReading | None  # what it tells somebody with access; None: nobody asked
    writer_says: WriterSays
    observation: Observation
    volumes: tuple[VolumeView, ...]  # where its disks, checkpoints and configuration lie
    why_volumes_unknown: str | None


class HostView:
    """What a rule may ask. Building it costs one pass over the evidence."""

    def __init__(
        self,
        evidence: HostEvidence,
        *,
        subject: Subject,
        now: datetime | None,
        backup_windows: Sequence[BackupWindow] = (),
    ) -> None:
        self.evidence = evidence
        self.subject = subject
        self.now = now
        self.host_class: HostClass = evidence.host_class
        self.build = evidence.identity.os_build if evidence.identity else None
        self._reasons: dict[tuple[Section, str | None], str] = {}
        self.places = Places(evidence.volumes, evidence.cluster)
        self.volumes = tuple(self.places.volumes.values())
        rows = evidence.volumes.volumes if evidence.volumes else None
        # A Windows host without any volume does not exist: an empty list is a list that was not read.
        self.why_volumes_unknown = None if rows else self.why(Section.VOLUMES, "volumes")
        images = evidence.vms.images if evidence.vms else None
        self.chains = Chains(images, self.why(Section.VMS, "images"))
        self.services = _services_by_name(evidence)
        self.has_no_cluster = evidence.is_in_no_cluster
        self.groups = _groups_by_vm(evidence)
        self._guests = _guests_by_vm(evidence)
        self._inside = _readings_by_vm(evidence)
        self.why_guests_unread = _why_guests_unread(self)
        self._captions = writer_says_by_vm(evidence.writers)
        self._witness = EventWitness(evidence, backup_windows)
        # Rules about the inside of guests have nothing to say of a host where nobody was given access to one.
        self.has_access_to_guests = bool(self._inside) or self.why_guests_unread is not None
        self.why_vms_unknown = _why_vms_unknown(self)
        self.vms: tuple[VMView, ...] = tuple(self._vms())
        self.vm_by_id = {vm.subject.id: vm for vm in self.vms}
        self.episodes_of_others = self._witness.of_others(self.vm_by_id)
        self.used_volumes: dict[str, list[VMView]] = {}
        for vm in self.vms:
            for volume in vm.volumes:
                self.used_volumes.setdefault(volume.key, []).append(vm)
        diskless = any(vm.disks is None for vm in self.vms)
        self.why_use_unknown = self.why_vms_unknown or (self.why(Section.VMS, "vms.disks") if diskless else None)

    def why(self, section: Section, what: str | None = None) -> str:
        """Why something is not known, in the probe's words."""
        key = (section, what)
        reason = self._reasons.get(key)
        if reason is None:
            reason = self._reasons[key] = self.evidence.why_missing(section, what)
        return reason

    def hours_since(self, moment: str | None) -> float | None:
        """Hours on the host's own clock; None when either end is not known."""
        then = moment_of(moment)
        return None if then is None or self.now is None else (self.now - then).total_seconds() / 3600

    def _vms(self) -> Iterable[VMView]:
        rows = (self.evidence.vms.vms or ()) if self.evidence.vms else ()
        seen: set[str] = set()
        for facts in rows:
            vm_id = facts.vm_id.lower()
            if vm_id in seen:
                continue  # the same GUID twice on one host is one VM
            seen.add(vm_id)
            yield self._vm(vm_id, facts)

    def _vm(self, vm_id: str, facts: VirtualMachine) -> VMView:
        service = None
        for component in facts.integration or ():
            if component.component == BACKUP_COMPONENT:
                service = component
        volumes, why_volumes_unknown = self._volumes_of(facts)
        disks, passthrough = _split_disks(facts.disks)
        return VMView(
            subject=Subject(Scope.VM, vm_id, facts.name or vm_id),
            facts=facts,
            state=state_of(facts.state),
            disks=disks,
            passthrough=passthrough,
            backup_service=service,
            backup_service_offered=_is_offered(facts.integration, service),
            busy_with=_busy_with(facts.operational_status),
            group=self.groups.get(vm_id),
            guest=self._guests.get(vm_id),
            inside=self._inside.get(vm_id),
            writer_says=(
                WriterSays.NOT_READ if self._captions is None else self._captions.get(vm_id, WriterSays.UNKNOWN)
            ),
            observation=self._witness.observation_of(vm_id, facts.name or vm_id),
            volumes=volumes,
            why_volumes_unknown=why_volumes_unknown,
        )

    def _volumes_of(self, facts: VirtualMachine) -> tuple[tuple[VolumeView, ...], str | None]:
        """The volumes that must have room for this VM. A share belongs to another machine and is left out."""
        if facts.disks is None:
            return (), self.why(Section.VMS, "vms.disks")
        paths = [path for path in (facts.checkpoint_path, facts.configuration_path) if path]
        for disk in facts.disks:
            if disk.path and disk.disk_number is None:
                chain = self.chains.of(disk.path)
                paths.append(disk.path)
                paths += [image.path for image in chain.images[1:]]
        found: dict[str, VolumeView] = {}
        why = None
        for path in paths:
            place = self.places.of(path)
            if place.volume is not None:
                found[place.volume.key] = place.volume
            elif not place.is_share:
                why = self.why_not_placed(path)
        return tuple(found.values()), why

    def why_not_placed(self, path: str) -> str:
        if self.why_volumes_unknown is not None:
            return self.why_volumes_unknown
        if is_below_cluster_storage(path):
            return self.why(Section.CLUSTER, "shared_volumes")
        return f"no volume of the host holds {path}"


def _split_disks(
    disks: tuple[Disk, ...] | None,
) -> tuple[tuple[Disk, ...] | None, tuple[Disk, ...] | None]:
    if disks is None:
        return None, None
    if all(disk.disk_number is None and disk.path for disk in disks):
        return disks, ()
    virtual = tuple(disk for disk in disks if disk.disk_number is None and disk.path)
    return virtual, tuple(disk for disk in disks if disk.disk_number is not None)


def _is_offered(integration: tuple[IntegrationService, ...] | None, service: IntegrationService | None) -> bool | None:
    """Whether the host offers the backup service. A list without the component means it is not there."""
    if integration is None:
        return None
    if service is None or service.secondary_status == COMPONENT_DISABLED:
        return False
    return service.enabled


def _busy_with(statuses: tuple[int, ...] | None) -> str | None:
    for status in statuses or ():
        if status in BUSY_STATUSES:
            return BUSY_STATUSES[status]
    return None


def _services_by_name(evidence: HostEvidence) -> dict[str, Service] | None:
    """None: not read. No Windows is without services, so an empty list is one that was not read."""
    if evidence.services is None or not evidence.services.services:
        return None
    return {service.name.lower(): service for service in evidence.services.services}


def _groups_by_vm(evidence: HostEvidence) -> dict[str, ClusterGroup]:
    rows = (evidence.cluster.groups or ()) if evidence.cluster else ()
    return {group.vm_id.lower(): group for group in rows if group.vm_id}


def _guests_by_vm(evidence: HostEvidence) -> dict[str, Guest]:
    rows = (evidence.guest_facts.guests or ()) if evidence.guest_facts else ()
    return {guest.vm_id.lower(): guest for guest in rows}


def _readings_by_vm(evidence: HostEvidence) -> dict[str, GuestReading]:
    rows = (evidence.guests.guests or ()) if evidence.guests else ()
    return {reading.vm_id.lower(): reading for reading in rows}


def _why_guests_unread(host: "HostView") -> str | None:
    """Why guests that should have been read were not; None where nobody gave access, or the section arrived."""
    reading = host.evidence.readings.get(Section.GUESTS)
    if reading is None or reading.status is SectionStatus.SKIPPED:
        return None
    if reading.status is SectionStatus.OK and host.evidence.guests and host.evidence.guests.guests is not None:
        return None
    return host.why(Section.GUESTS, "guests")


def _why_vms_unknown(host: HostView) -> str | None:
    """Why the list of VMs is not whole; None when it is. An empty list alone does not prove that there are none."""
    section = host.evidence.vms
    if section is None or section.vms is None:
        return host.why(Section.VMS, "vms")
    if section.registered_count is None:
        return None if section.vms else host.why(Section.VMS, "registered_count")
    hidden = section.registered_count - len(section.vms)
    if hidden > 0:
        return f"Hyper-V has {section.registered_count} VMs registered; the account was shown {len(section.vms)}"
    return None
