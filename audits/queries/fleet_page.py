"""Everything the fleet page says, in a handful of queries however many hosts and VMs there are."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from audits import access
from audits.models import AuditRun, RunState
from audits.queries.changes import Changes, changes_since
from audits.queries.episodes import saved_vms
from audits.queries.log_nights import last_night
from audits.queries.plans import Plan, plan_of
from audits.queries.tally import Tally, tallies, total
from audits.queries.unreached import CauseGroup, unreached
from fleet import access as fleet_access
from fleet.access import Viewer
from fleet.models import Customer

CHANGES_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class CustomerRow:
    customer: Customer
    tally: Tally


@dataclass(frozen=True, slots=True)
class FleetPage:
    tally: Tally
    customers: list[CustomerRow]
    plan: Plan
    changes: Changes
    unreached: list[CauseGroup]
    open_run: AuditRun | None
    last_night: date
    saved_last_night: int

    @property
    def unreached_hosts(self) -> int:
        return sum(len(group.hosts) for group in self.unreached)


def customer_rows(viewer: Viewer) -> list[CustomerRow]:
    """Every customer in view with its sums, worst first. Two queries."""
    found = tallies(viewer)
    customers = fleet_access.customers(viewer).select_related("schedule")
    listed = [CustomerRow(customer, found.get(customer.pk) or Tally()) for customer in customers]
    return sorted(listed, key=lambda row: (*(-part for part in row.tally.trouble), row.customer.name.casefold()))


def fleet_page(viewer: Viewer) -> FleetPage:
    customers, night = customer_rows(viewer), last_night()
    return FleetPage(
        tally=total(row.tally for row in customers),
        customers=customers,
        plan=plan_of(access.host_states(viewer)),
        changes=changes_since(access.verdict_intervals(viewer), timezone.now() - CHANGES_WITHIN),
        unreached=unreached(access.host_states(viewer)),
        open_run=open_run(viewer),
        last_night=night,
        saved_last_night=saved_vms(access.episodes(viewer), night),
    )


def open_run(viewer: Viewer) -> AuditRun | None:
    """The newest run that has not ended."""
    return access.audit_runs(viewer).filter(state__in=[RunState.QUEUED, RunState.RUNNING]).first()
