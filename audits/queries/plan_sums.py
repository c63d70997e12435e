"""Stored plans of many hosts added up, so that a fleet is a few sums and not thousands of groups."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from audits.judgement.confidence import SURENESS
from audits.judgement.fixes import Risk
from audits.judgement.planner.cover import Group
from audits.judgement.planner.plan import HARM
from audits.judgement.words import Confidence

type_of_group = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HostShare:
    """How much of a suggestion is on one host. `minutes` as if nothing else were done there."""

    host_id: UUID
    customer_id: UUID
    vms: int
    minutes: int
    vm_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class PlanSum:
    """VMs that need the same rules mended, of every host where their work is their own, else of one host."""

    rules: tuple[str, ...]
    shared: frozenset[str]
    vms: int = 0
    minutes: int = 0
    off: int = 0
    risk: Risk = Risk.LOW
    confidence: Confidence = Confidence.HIGH
    words: dict[str, int] = field(default_factory=dict)
    hosts: set[UUID] = field(default_factory=set)
    customers: set[UUID] = field(default_factory=set)
    shares: list[HostShare] = field(default_factory=list)

    def add(self, host_id: UUID, customer_id: UUID, group: type_of_group) -> None:
        self.vms += group["vms"]
        self.minutes += group["minutes"]
        self.off += group["off"]
        if HARM[group["risk"]] > HARM[self.risk]:
            self.risk = Risk(group["risk"])
        if SURENESS[group["confidence"]] < SURENESS[self.confidence]:
            self.confidence = Confidence(group["confidence"])
        for word, count in group["words"].items():
            self.words[word] = self.words.get(word, 0) + count
        self.hosts.add(host_id)
        self.customers.add(customer_id)

    def as_group(self, key: str) -> Group:
        return Group(key, frozenset(self.rules), self.vms, self.minutes, self.shared)


@dataclass(slots=True)
class PlanSums:
    """All sums by key. `unplanned_hosts` were read before there were plans; `path_hosts` wait for their path."""

    sums: dict[str, PlanSum] = field(default_factory=dict)
    minutes_of_shared: dict[str, int] = field(default_factory=dict)
    not_plannable_vms: int = 0
    live_if_vss_vms: int = 0
    live_if_wmi_vms: int = 0
    unplanned_hosts: int = 0

    @property
    def groups(self) -> Iterator[Group]:
        return (each.as_group(key) for key, each in self.sums.items())


def add_up(rows: Iterable[tuple[Any, ...]]) -> PlanSums:
    """`rows`: host id, customer id, VMs not plannable, live if vss, live if wmi, groups, and perhaps VM ids."""
    total = PlanSums()
    for host_id, customer_id, not_plannable, if_vss, if_wmi, groups, *ids in rows:
        if groups is None:
            total.unplanned_hosts += 1
            continue
        total.not_plannable_vms += not_plannable
        total.live_if_vss_vms += if_vss
        total.live_if_wmi_vms += if_wmi
        for place, group in enumerate(groups):
            found = _sum_of(total, host_id, group)
            found.add(host_id, customer_id, group)
            if ids:
                minutes = group["minutes"] + sum(group["shared"].values())
                found.shares.append(HostShare(host_id, customer_id, group["vms"], minutes, tuple(ids[0][place])))
    return total


def _sum_of(total: PlanSums, host_id: UUID, group: type_of_group) -> PlanSum:
    key = " ".join(group["rules"])
    shared: Mapping[str, int] = group["shared"]
    if shared:
        key += f" {host_id}"
    found = total.sums.get(key)
    if found is None:
        named = {f"{host_id} {step}": minutes for step, minutes in shared.items()}
        total.minutes_of_shared |= named
        found = total.sums[key] = PlanSum(tuple(group["rules"]), frozenset(named))
    return found
