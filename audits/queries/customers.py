"""Customers: the list, worst first unless asked otherwise, and one customer's numbers and daily trend."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.paginator import Page, Paginator
from django.db.models.functions import TruncDate
from django.http import QueryDict
from django.utils import timezone

from audits import access
from audits.models import Episode, Schedule
from audits.queries.changes import Changes, changes_since
from audits.queries.episodes import Accuracy, accuracy, of_last_night
from audits.queries.fleet_page import CHANGES_WITHIN, CustomerRow, customer_rows
from audits.queries.log_nights import last_night
from audits.queries.plans import Plan, plan_of
from audits.queries.tally import Tally, tallies
from audits.queries.unreached import CauseGroup, unreached
from fleet import access as fleet_access
from fleet.access import Viewer
from fleet.models import Customer

CUSTOMERS_PER_PAGE = 50
TREND_DAYS = 30


def customer_choices(viewer: Viewer) -> list[tuple[str, str]]:
    """Id and name of every customer in view, for a filter."""
    return [(str(pk), name) for pk, name in fleet_access.customers(viewer).values_list("pk", "name").order_by("name")]


def customer_page_of(viewer: Viewer, parameters: QueryDict) -> Page[CustomerRow]:
    rows = customer_rows(viewer)
    if text := parameters.get("q", "").strip().casefold():
        rows = [row for row in rows if text in row.customer.name.casefold()]
    if parameters.get("sort") == "name":
        rows.sort(key=lambda row: row.customer.name.casefold())
    return Paginator(rows, CUSTOMERS_PER_PAGE).get_page(parameters.get("page"))


@dataclass(frozen=True, slots=True)
class CustomerPage:
    customer: Customer
    tally: Tally
    plan: Plan
    changes: Changes
    unreached: list[CauseGroup]
    trend: list[int | None]
    schedule: Schedule | None
    accuracy: Accuracy
    last_night: list[Episode]

    @property
    def has_trend(self) -> bool:
        return sum(share is not None for share in self.trend) > 1


def customer_page(viewer: Viewer, customer: Customer) -> CustomerPage:
    schedule: Schedule | None = getattr(customer, "schedule", None)
    episodes = access.episodes(viewer).filter(customer=customer)
    night = last_night(time_zone=schedule.time_zone if schedule else "UTC")
    return CustomerPage(
        customer=customer,
        tally=tallies(viewer).get(customer.pk) or Tally(),
        plan=plan_of(access.host_states(viewer).filter(host__customer=customer)),
        changes=changes_since(
            access.verdict_intervals(viewer).filter(host__customer=customer), timezone.now() - CHANGES_WITHIN
        ),
        unreached=unreached(access.host_states(viewer).filter(host__customer=customer)),
        trend=live_trend(viewer, customer),
        schedule=schedule,
        accuracy=accuracy(episodes, night),
        last_night=of_last_night(episodes, night),
    )


def live_trend(viewer: Viewer, customer: Customer) -> list[int | None]:
    """Live share in percent for each of the last 30 days, oldest first; None for a day without an audit. One query."""
    today = timezone.now().date()
    first = today - timedelta(days=TREND_DAYS - 1)
    rows = (
        access.host_audits(viewer)
        .filter(host__customer=customer, finished_at__date__gte=first)
        .exclude(verdicts={})
        .annotate(day=TruncDate("finished_at"))
        .order_by("finished_at")
        .values_list("day", "host_id", "verdicts")
    )
    last_of_day: dict[date, dict[object, dict[str, int]]] = defaultdict(dict)
    for day, host_id, verdicts in rows:
        last_of_day[day][host_id] = verdicts
    return [_live_share(list(last_of_day[first + timedelta(days=n)].values())) for n in range(TREND_DAYS)]


def _live_share(verdicts: list[dict[str, int]]) -> int | None:
    countable = sum(count for counts in verdicts for word, count in counts.items() if word != "already_offline")
    live = sum(counts.get("live", 0) for counts in verdicts)
    return live * 100 // countable if countable else None
