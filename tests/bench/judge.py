"""How long judging takes: every rule and the verdict of every VM, for a usual host and for a very large one."""

import time
from collections.abc import Iterator
from statistics import median

from msgspec import structs

from audits.judgement.evidence import GuestFacts, Guests, HostEvidence
from audits.judgement.evidence.guest_facts import Guest
from audits.judgement.evidence.vms import Disk
from audits.judgement.evidence.writers import Component
from audits.judgement.judge import judge
from tests.bench.number import Number
from tests.judgement import hosts

ROUNDS = 15
# VMs of a host, and the goal for them in milliseconds.
GOALS = {50: 5.0, 1024: 150.0}


def measure() -> Iterator[Number]:
    for number, goal in GOALS.items():
        how = f"processor time, median of {ROUNDS}; every rule, both paths"
        yield Number(f"rules and verdicts, {number} VMs", _milliseconds(_host(number)), "ms", at_most=goal, how=how)
        every_guest = _with_guests(_host(number))
        how += ", and every guest read from inside"
        yield Number(f"with guests, {number} VMs", _milliseconds(every_guest), "ms", at_most=goal, how=how)


def _milliseconds(host: HostEvidence) -> float:
    """Processor time, as judging does nothing but compute."""
    judge(host)
    took = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        judge(host)
        took.append((time.process_time() - begun) * 1000)
    return median(took)


def _host(number: int) -> HostEvidence:
    """A healthy host of so many VMs, each with its own disk, Data Exchange and caption."""
    ids = [f"6d0a1f3e-0000-4000-8000-{each:012d}" for each in range(number)]
    paths = [f"D:\\VMs\\VM{each}\\VM{each}.vhdx" for each in range(number)]
    vms = (
        hosts.vm(vm_id=vm_id, name=vm_id, disks=(Disk(path=path, controller_type=1, persistent_reservations=False),))
        for vm_id, path in zip(ids, paths, strict=True)
    )
    host = hosts.with_vms(
        hosts.healthy_host(),
        vms=tuple(vms),
        images=tuple(hosts.image(path=path) for path in paths),
        registered_count=number,
    )
    facts = (Guest(vm_id=vm_id, os_name="Windows", os_version="10.0.20348", os_platform="2") for vm_id in ids)
    captions = (Component(vm_id=vm_id, caption="Online\\VM") for vm_id in ids)
    host = hosts.with_writers(host, components=tuple(captions))
    return structs.replace(host, guest_facts=GuestFacts(guests=tuple(facts)))


def _with_guests(host: HostEvidence) -> HostEvidence:
    assert host.vms is not None and host.vms.vms
    readings = tuple(hosts.inside(vm_id=vm.vm_id) for vm in host.vms.vms)
    return structs.replace(hosts.with_inside(host), guests=Guests(guests=readings))
