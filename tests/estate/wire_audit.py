"""An estate audited over real WinRM: the simulator serves it, the product's transport reads it, its rules judge it."""

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from audits.collect.ending import EXPECTED_SECTIONS
from audits.collect.guest_plan import DirectGuest, GuestPlan
from audits.collect.host import collect_host
from audits.collect.winrm import Deadlines, GuestCredential, ProbeRequest, Secret, Target, Watchdog
from audits.collect.winrm.target import DEFAULT_ENDPOINT, JEA_FUNCTION
from audits.judgement.evidence import HostEvidence
from fleet.networks import AddressGuard, parse_networks
from simulator import estates
from simulator.estates.estate import Estate
from simulator.estates.scenario import Customer, Host
from simulator.fleet import SimulatedFleet
from simulator.windows_engine import PROBE_MARK
from simulator.wire.tls import CertificateStore
from tests.estate.guests import planner_of
from tests.estate.pure_audit import guests_to_ask
from tests.estate.told import tell

# Every host that answers does so within a second; the others are to use up their deadlines quickly. In this order, so
# that silence is noticed before the deadline for the whole, and a script that hangs is not silence.
DEADLINES = Deadlines(
    soft_seconds=12, hard_seconds=16, connect_seconds=2, answer_seconds=6, poll_seconds=1, cleanup_seconds=2
)
GUEST_SECONDS = 5
THREADS = 16  # most of the hosts' time is waiting


def audit(name: str) -> dict[str, Any]:
    """The estate's hosts as `audit --json` would tell them. Hosts answer without pauses, on any free port."""
    estate = _without_pauses(estates.read_estate(name))
    definitions = [dataclasses.replace(each, port=-1) for each in estates.definitions_of(estate)]
    watchdog = Watchdog()
    with (
        TemporaryDirectory() as directory,
        SimulatedFleet(definitions, Path(directory)) as fleet,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        entries = estates.entries_of(estate, CertificateStore(Path(directory) / "certificates"))
        entered = {host["name"]: customer | host for customer in entries["customers"] for host in customer["hosts"]}
        audits = [
            pool.submit(_audit, fleet, watchdog, customer, host, entered[host.name])
            for customer in estate.customers
            for host in customer.hosts
        ]
        return {"hosts": [each.result() for each in audits]}


def _without_pauses(estate: Estate) -> Estate:
    return Estate(estate.name, tuple(_customer_without_pauses(customer) for customer in estate.customers))


def _customer_without_pauses(customer: Customer) -> Customer:
    at_once = [
        dataclasses.replace(host, windows=dataclasses.replace(host.windows, seconds=0)) for host in customer.hosts
    ]
    return dataclasses.replace(customer, hosts=tuple(at_once))


def _port(fleet: SimulatedFleet, host: Host) -> int:
    """The free port that the host has found; 0 for one that never listened."""
    return max(fleet.port(host.name), 0) if host.served else 0


def _plan(host: Host) -> Callable[[HostEvidence], GuestPlan]:
    """Somebody gave access to every running guest of the host."""
    direct = tuple(
        DirectGuest(vm_id, GuestCredential(user, Secret(password)), GUEST_SECONDS)
        for vm_id, user, password in guests_to_ask(host.windows)
    )
    return lambda evidence: GuestPlan(direct=direct)


def _audit(
    fleet: SimulatedFleet, watchdog: Watchdog, customer: Customer, host: Host, entered: dict[str, Any]
) -> dict[str, Any]:
    """One host, reached exactly as it was entered."""
    target = Target(
        address=entered["address"],
        name=host.name,
        port=_port(fleet, host) or entered["port"],
        scheme=entered["scheme"],
        auth=entered["auth"],
        username=entered["credential"]["username"],
        certificate_sha256=entered["certificate_sha256"],
        ca_pem=entered["ca_pem"] if host.trust == "ca" else "",
        endpoint_name=entered["endpoint_name"] or DEFAULT_ENDPOINT,
        deadlines=DEADLINES,
    )
    collected = collect_host(
        target,
        Secret(entered["credential"]["password"]),
        ProbeRequest(script=PROBE_MARK, function=JEA_FUNCTION if entered["rights_level"] == "jea" else ""),
        guard=AddressGuard(parse_networks(entered["networks"]), allow_loopback=True).check,
        watchdog=watchdog,
        expected=EXPECTED_SECTIONS[entered["rights_level"]],
        plan_guests=planner_of(customer) or (_plan(host) if host.windows.guest_accounts else None),
    )
    return tell(customer, host, collected.evidence, collected.ending)
