"""An estate judged without a wire: sections straight into evidence, rules and verdicts.

Where a fault on the wire ends the audit, the ending is taken from the scenario; `wire_audit` proves it.
"""

from typing import Any

import msgspec

from audits.collect.ending import EXPECTED_SECTIONS, Ending, ending_of
from audits.collect.sections import assemble, decode_section
from audits.judgement.evidence import Guests, HostEvidence
from audits.judgement.outcomes import Outcome
from audits.judgement.words import Section
from simulator import estates, windows
from simulator.estates.scenario import Customer, Host
from tests.estate.guests import planner_of
from tests.estate.told import NOW, tell


def evidence_of(host: windows.WindowsHost, arrived: tuple[str, ...] = windows.SECTIONS) -> HostEvidence:
    """What the product has read when these sections have arrived."""
    return assemble(decode_section(windows.encode(_envelope(host, name))) for name in arrived)


def guests_to_ask(host: windows.WindowsHost) -> list[tuple[str, str, str]]:
    """VM id, user name and password of every running guest, where the scenario gives access to them."""
    accounts = list(host.guest_accounts.items())
    return [(vm.vm_id, *account) for account in accounts[:1] for vm in host.vms if vm.is_running]


def _envelope(host: windows.WindowsHost, section: str) -> dict[str, Any]:
    if section == "guests" and (requests := guests_to_ask(host)):
        return windows.guests_envelope(host, requests)
    return windows.envelope(host, section, now=NOW)


def audit(name: str) -> dict[str, Any]:
    """The estate's hosts as `audit --json` would tell them."""
    estate = estates.read_estate(name)
    return {"hosts": [_host(customer, host) for customer in estate.customers for host in customer.hosts]}


def is_ended_by_the_wire(host: Host) -> bool:
    """Whether something on the way to the host ends its audit, and not what it says."""
    return bool(host.faults) or not host.served or host.trust == "none"


def sections_that_arrive(host: Host) -> tuple[str, ...]:
    """All of them, or those before the fault that ends the reading; none where nothing can be concluded."""
    if not is_ended_by_the_wire(host):
        return windows.SECTIONS
    ends = [int(fault.after_sections) for fault in host.faults if hasattr(fault, "after_sections")]
    return windows.SECTIONS[: min(ends)] if ends and host.intended.vms else ()


def _host(customer: Customer, host: Host) -> dict[str, Any]:
    evidence = _with_guests(customer, host, evidence_of(host.windows, sections_that_arrive(host)))
    if is_ended_by_the_wire(host):
        ending = Ending(Outcome(host.intended.outcome), host.intended.cause)
    else:
        ending = ending_of(evidence, None, EXPECTED_SECTIONS[host.rights_level])
    return tell(customer, host, evidence, ending)


def _with_guests(customer: Customer, host: Host, evidence: HostEvidence) -> HostEvidence:
    """With what those guests told that the customer gave access to; without such access as it is."""
    plan_guests = planner_of(customer)
    if plan_guests is None or evidence.vms is None or is_ended_by_the_wire(host):
        return evidence
    plan = plan_guests(evidence)
    asked = [(guest.vm_id, guest.credential.username, guest.credential.secret.value) for guest in plan.direct]
    section = decode_section(windows.encode(windows.guests_envelope(host.windows, asked)))
    told = (section.data.guests or ()) if isinstance(section.data, Guests) else ()
    guests = Guests(guests=(*told, *plan.left_out))
    readings = {**evidence.readings, Section.GUESTS: section.reading}
    return msgspec.structs.replace(evidence, guests=guests, readings=readings)
