"""Everything the fleet page says, in a handful of queries however many hosts and VMs there are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from audits import access
from audits.models import AuditRun, RunState
from audits.queries.changes import Changes, changes_since
from audits.queries.tally import Tally, tally_of, total, with_tallies
from audits.queries.unreached import CauseGroup, unreached
from audits.queries.wins import Wins, biggest_wins
from fleet import access as fleet_access
from fleet.access import Viewer
from fleet.models import Customer

CHANGES_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class CustomerRow:
    customer: Customer
    tally: Tally
    last_read_at: datetime | None


@dataclass(frozen=True, slots=True)
class FleetPage:
    tally: Tally
    customers: list[CustomerRow]
    newest_at: datetime | None
    wins: Wins
    changes: Changes
    unreached: list[CauseGroup]
    open_run: AuditRun | None

    @property
    def unreached_hosts(self) -> int:
        return sum(len(group.hosts) for group in self.unreached)


def customer_rows(viewer: Viewer) -> list[CustomerRow]:
    """Every customer in view with its sums, worst first. One query."""
    rows = with_tallies(fleet_access.customers(viewer)).annotate(last_read_at=Max("hosts__state__evidence_at"))
    listed = [CustomerRow(customer, tally_of(customer), vars(customer)["last_read_at"]) for customer in rows]
    return sorted(listed, key=lambda row: (*(-part for part in row.tally.trouble), row.customer.name.casefold()))


def fleet_page(viewer: Viewer) -> FleetPage:
    customers = customer_rows(viewer)
    return FleetPage(
        tally=total(row.tally for row in customers),
        customers=customers,
        newest_at=max((row.last_read_at for row in customers if row.last_read_at), default=None),
        wins=biggest_wins(access.verdicts(viewer)),
        changes=changes_since(access.verdict_intervals(viewer), timezone.now() - CHANGES_WITHIN),
        unreached=unreached(access.host_states(viewer)),
        open_run=open_run(viewer),
    )


def open_run(viewer: Viewer) -> AuditRun | None:
    """The newest run that has not ended."""
    return access.audit_runs(viewer).filter(state__in=[RunState.QUEUED, RunState.RUNNING]).first()
