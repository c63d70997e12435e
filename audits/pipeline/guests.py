"""Which guests of a host are asked in this audit, once the host has said which VMs it has; and what they refused."""

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, connection
from django.db.models import F
from django.utils import timezone

from audits.collect.guest_plan import DirectGuest, GuestPlan, NetworkGuest
from audits.collect.winrm.target import Deadlines, GuestCredential, Target
from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.guest_facts import Guest
from audits.judgement.evidence.guests import GuestReading
from audits.judgement.evidence.vms import VirtualMachine
from audits.judgement.words import WindowsBuild
from audits.pipeline.target import NotTried, open_credential
from fleet.guest_access import grant_at_first_reading, remember_refusals
from fleet.models import Channel, Credential, GuestAccess, GuestGrant, Host
from fleet.vm_filter import matches

logger = logging.getLogger(__name__)

RUNNING = 2
WINDOWS_NT = "2"
# Guests of Windows 10 and Server 2016 are the first that answer PowerShell Direct; both call themselves 10.0.
FIRST_DIRECT_GUEST = 10
# As with hosts: the second machine that refuses a credential closes it, before an account is locked out.
MOST_REFUSALS = 2
# What a reading says of a guest that refused the sign-in, by PowerShell Direct and by WinRM.
REFUSED = ("PSDirectException", "credential_rejected")
# Connecting and the answer's last leg come on top of the guest's own time.
WINRM_EXTRA_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Offer:
    """One access as a host's audit needs it. `granted`: by VM id, with the time of a refusal that still counts."""

    access: GuestAccess
    granted: Mapping[str, datetime | None]
    is_closed: bool

    @property
    def refused(self) -> set[str]:
        return {vm_id for vm_id, at in self.granted.items() if at is not None}


class GuestPlanner:
    """Plans once for one audit of one host. Opens a secret only when a guest is to be asked with it."""

    def __init__(self, host: Host, accesses: list[GuestAccess]) -> None:
        self._host = host
        self._accesses = accesses
        self._used: dict[str, GuestAccess] = {}  # by VM id

    def plan(self, evidence: HostEvidence) -> GuestPlan:
        """Called when the host has said all but this; see `GuestRound`."""
        if evidence.vms is None or evidence.vms.vms is None:
            return GuestPlan(why_none="the host did not say which VMs it has, so no guest was asked")
        vms = evidence.vms.vms
        for access in self._accesses:
            matching = [(vm.vm_id, vm.name) for vm in vms if matches(access.vm_filter, vm.name)]
            grant_at_first_reading(access, self._host, matching)
        offers = [_offer(access) for access in self._accesses]
        guests = {guest.vm_id: guest for guest in (evidence.guest_facts.guests or ())} if evidence.guest_facts else {}
        build = evidence.identity.os_build if evidence.identity else None
        direct, network, left_out = [], [], []
        for vm in vms:
            offer, why_not = choose(vm, guests.get(vm.vm_id), build, offers)
            if offer is None:
                continue
            if why_not is None:
                asked, why_not = self._asked(vm.vm_id, offer)
                direct += [asked] if isinstance(asked, DirectGuest) else []
                network += [asked] if isinstance(asked, NetworkGuest) else []
            if why_not is not None:
                channel = str(offer.access.channel)
                left_out.append(GuestReading(vm_id=vm.vm_id, channel=channel, status="skipped", reason=why_not))
        return GuestPlan(tuple(direct), tuple(network), tuple(left_out), "no VM of this host matches a guest access")

    def _asked(self, vm_id: str, offer: Offer) -> tuple[DirectGuest | NetworkGuest | None, str | None]:
        access = offer.access
        assert access.credential is not None
        try:
            secret = open_credential(access.credential)
        except NotTried as error:
            return None, error.ending.detail
        self._used[vm_id] = access
        username, seconds = access.credential.username, access.timeout_seconds
        if access.channel == Channel.WINRM:
            return NetworkGuest(vm_id, _target(access, username), secret), None
        return DirectGuest(vm_id, GuestCredential(username, secret), seconds), None

    def remember(self, evidence: HostEvidence | None) -> None:
        """Note which guests refused the credential, so that it is not tried on them again."""
        readings = (evidence.guests.guests or ()) if evidence is not None and evidence.guests is not None else ()
        refusing: dict[UUID, list[str]] = defaultdict(list)
        for reading in readings:
            access = self._used.get(reading.vm_id)
            if (
                access is not None
                and reading.status == "denied"
                and any(word in (reading.reason or "") for word in REFUSED)
            ):
                refusing[access.pk].append(reading.vm_id)
        for access_id, vm_ids in refusing.items():
            try:
                remember_refusals(access_id, vm_ids, timezone.now())
            except DatabaseError as error:
                # Worth less than the reading, which is stored next and more patiently; the guest will say no again.
                logger.warning("refusals of guest access %s not remembered: %s", access_id, error)
                connection.close()


def planner_of(host: Host) -> GuestPlanner | None:
    """None where nobody gave access to guests of this host: then nothing is planned, and the probe itself says so."""
    accesses = (
        GuestAccess.objects.filter(customer_id=host.customer_id, credential__customer_id=F("customer_id"))
        .filter(detached_at=None)
        .select_related("credential", "customer")
    )
    here = [access for access in accesses if access.host_id in (None, host.id)]
    return GuestPlanner(host, here) if here else None


def choose(
    vm: VirtualMachine, guest: Guest | None, host_build: int | None, offers: list[Offer]
) -> tuple[Offer | None, str | None]:
    """Which access a VM is asked with, and why it is not asked after all. A pure function; no access: (None, None).

    A VM is asked only when its GUID was granted. One that merely has a fitting name gets a reason instead of a secret:
    whoever may make or rename VMs chooses names.
    """
    granted = [offer for offer in offers if vm.vm_id in offer.granted]
    if not granted:
        waiting = next((offer for offer in offers if matches(offer.access.vm_filter, vm.name)), None)
        if waiting is None:
            return None, None
        return waiting, "its name fits a guest access, but nobody confirmed this VM: run add_guest_access again"
    reasons = [(offer, _why_not(vm, guest, host_build, offer)) for offer in granted]
    return next((pair for pair in reasons if pair[1] is None), reasons[0])


def _why_not(vm: VirtualMachine, guest: Guest | None, host_build: int | None, offer: Offer) -> str | None:
    if vm.state != RUNNING:
        return "the VM is not running"
    if guest is not None and _is_linux(guest):
        return "the guest is no Windows; Linux guests are not read"
    if offer.is_closed or vm.vm_id in offer.refused:
        return "the guest refused this credential, or two others did: enter it anew with add_credential"
    if offer.access.channel == Channel.WINRM:
        return None
    if host_build is not None and host_build < WindowsBuild.SERVER_2016:
        return "PowerShell Direct begins with a host of Windows Server 2016: give access by channel winrm"
    if guest is not None and 0 < _major(guest.os_version) < FIRST_DIRECT_GUEST:
        return "PowerShell Direct begins with a guest of Windows Server 2016: give access by channel winrm"
    return None


def _is_linux(guest: Guest) -> bool:
    """What a guest says of itself may be a lie; all it gains is that it is not asked."""
    named = guest.os_name or ""
    return bool(named) and guest.os_platform != WINDOWS_NT and "windows" not in named.lower()


def _major(version: str | None) -> int:
    """The first number of a Windows version, 0 where there is none."""
    first = (version or "").split(".")[0]
    return int(first) if first.isascii() and first.isdigit() and len(first) < 4 else 0


def _offer(access: GuestAccess) -> Offer:
    """With the refusals since the secret was last entered."""
    assert access.credential is not None
    changed_at = access.credential.changed_at
    granted = {grant.vm_guid: _still(grant, changed_at) for grant in access.grants.all()}
    return Offer(access, granted, is_closed=_refusals(access.credential) >= MOST_REFUSALS)


def _still(grant: GuestGrant, changed_at: datetime) -> datetime | None:
    return grant.refused_at if grant.refused_at is not None and grant.refused_at >= changed_at else None


def _refusals(credential: Credential) -> int:
    refused = GuestGrant.objects.filter(access__credential=credential, refused_at__gte=credential.changed_at)
    return refused.values("vm_guid").distinct().count()


def _target(access: GuestAccess, username: str) -> Target:
    seconds = access.timeout_seconds
    return Target(
        address=access.address,
        name=access.name or access.address,
        port=access.port,
        username=username,
        certificate_sha256=access.certificate_sha256,
        ca_pem=access.customer.ca_pem,
        deadlines=Deadlines(soft_seconds=seconds, hard_seconds=seconds + WINRM_EXTRA_SECONDS),
    )
