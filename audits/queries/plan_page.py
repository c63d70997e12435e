"""The plan of a customer or of the fleet, with the names of hosts and VMs that its page shows."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from audits import access
from audits.models import HostState
from audits.queries.plan_sums import HostShare
from audits.queries.plans import Line, Plan, WhatIfSum, plan_of, what_if
from audits.queries.tally import Tally, tallies, total
from fleet import access as fleet_access
from fleet.access import Viewer
from fleet.models import Customer, Host

# What one suggestion lists by name; its counts speak for the rest.
HOSTS_NAMED = 25
VMS_NAMED = 100


@dataclass(frozen=True, slots=True)
class NamedShare:
    host: Host
    share: HostShare
    vms: list[tuple[UUID, str]]


@dataclass(frozen=True, slots=True)
class NamedLine:
    line: Line
    shares: list[NamedShare]

    @property
    def hosts_unnamed(self) -> int:
        return len(self.line.shares) - len(self.shares)

    @property
    def vms_unnamed(self) -> int:
        return self.line.live - sum(len(share.vms) for share in self.shares)


@dataclass(frozen=True, slots=True)
class PlanPage:
    tally: Tally
    plan: Plan
    lines: list[NamedLine]
    what_if: WhatIfSum


def plan_page(
    viewer: Viewer,
    states: QuerySet[HostState],
    ticked: Collection[str] | None,
    *,
    customer: Customer | None = None,
) -> PlanPage:
    """Four queries, however many hosts and VMs there are."""
    found = tallies(viewer)
    tally = total(found.values()) if customer is None else found.get(customer.pk) or Tally()
    plan = plan_of(states, with_vms=True)
    shown = [(line, line.shares[:HOSTS_NAMED]) for line in plan.lines]
    host_ids = {share.host_id for _, shares in shown for share in shares}
    hosts = fleet_access.hosts(viewer).select_related("customer").in_bulk(host_ids)
    wanted = [_vms_to_name(shares) for _, shares in shown]
    vm_ids = {vm_id for ids in wanted for vm_id in ids}
    names = dict(access.verdicts(viewer).filter(pk__in=vm_ids).values_list("pk", "name"))
    lines = [
        NamedLine(line, _named(shares, ids, hosts, names)) for (line, shares), ids in zip(shown, wanted, strict=True)
    ]
    return PlanPage(tally, plan, lines, what_if(plan, tally.counts, ticked))


def _vms_to_name(shares: Collection[HostShare]) -> frozenset[UUID]:
    return frozenset([UUID(vm_id) for share in shares for vm_id in share.vm_ids][:VMS_NAMED])


def _named(
    shares: Collection[HostShare], wanted: Collection[UUID], hosts: dict[UUID, Host], names: dict[UUID, str]
) -> list[NamedShare]:
    named = []
    for share in shares:
        if share.host_id in hosts:
            ids = [vm_id for vm_id in map(UUID, share.vm_ids) if vm_id in wanted]
            vms = sorted(((vm_id, names[vm_id]) for vm_id in ids if vm_id in names), key=lambda vm: vm[1].casefold())
            named.append(NamedShare(hosts[share.host_id], share, vms))
    return named
