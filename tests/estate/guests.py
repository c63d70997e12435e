"""Which guests of an estate are asked, decided by the product's own function; every VM that fits is confirmed."""

from collections.abc import Callable

from audits.collect.guest_plan import DirectGuest, GuestPlan
from audits.collect.winrm import GuestCredential, Secret
from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.guests import GuestReading
from audits.pipeline.guests import Offer, choose
from fleet.models import Channel, GuestAccess
from fleet.vm_filter import matches
from simulator.estates.scenario import Customer


def planner_of(customer: Customer) -> Callable[[HostEvidence], GuestPlan] | None:
    """What `collect_host` takes as `plan_guests`."""
    if customer.guest_credential is None:
        return None
    credential = GuestCredential(customer.guest_credential.username, Secret(customer.guest_credential.password))

    def plan(evidence: HostEvidence) -> GuestPlan:
        vms = (evidence.vms.vms or ()) if evidence.vms else ()
        guests = {guest.vm_id: guest for guest in (evidence.guest_facts.guests or ())} if evidence.guest_facts else {}
        build = evidence.identity.os_build if evidence.identity else None
        offers = [
            Offer(
                GuestAccess(vm_filter=pattern, channel=Channel.POWERSHELL_DIRECT),
                {vm.vm_id: None for vm in vms if matches(pattern, vm.name)},
                is_closed=False,
            )
            for pattern in customer.guest_access
        ]
        chosen = [(vm.vm_id, *choose(vm, guests.get(vm.vm_id), build, offers)) for vm in vms]
        return GuestPlan(
            direct=tuple(DirectGuest(vm_id, credential, 30) for vm_id, offer, why in chosen if offer and why is None),
            left_out=tuple(GuestReading(vm_id=vm_id, status="skipped", reason=why) for vm_id, _, why in chosen if why),
        )

    return plan
