"""The plans of many hosts as one: which work pays most, summed from one small row per host."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import QuerySet

from audits.judgement.confidence import least
from audits.judgement.fixes import Risk
from audits.judgement.planner.cover import Choice, choose
from audits.judgement.planner.plan import HARM
from audits.judgement.planner.repairs import Price, price_of_rule
from audits.judgement.words import Confidence
from audits.models import HostPlan, HostState
from audits.queries.age import fresh
from audits.queries.plan_sums import HostShare, PlanSum, PlanSums, add_up
from fleet.models import Host

# What a page shows of the whole plan.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class FixLine:
    """One fix of a suggestion: the condition that is met afterwards, and what mending one target costs."""

    rule: str
    title: str
    price: Price | None


@dataclass(frozen=True, slots=True)
class Line:
    """A suggestion over many hosts. `touched`: VMs that these fixes are about, though some need another one too.

    `minutes` counts nothing that the lines before it have done already: then it `relies_on_earlier` ones. `number`
    counts from 1. `shares` is empty unless asked for.
    """

    number: int
    rules: tuple[str, ...]
    live: int
    touched: int
    minutes: int
    off: int
    risk: Risk
    confidence: Confidence
    hosts: int
    customers: int
    relies_on_earlier: bool
    shares: tuple[HostShare, ...]

    @property
    def fixes(self) -> list[FixLine]:
        return [fix_line(rule_id) for rule_id in self.rules]

    @property
    def needs_more(self) -> int:
        return self.touched - self.live

    @property
    def caveats(self) -> list[str]:
        return [fix.price.caveat for fix in self.fixes if fix.price and fix.price.caveat]


@dataclass(frozen=True, slots=True)
class Plan:
    """Lines by VMs gained per minute, and the sums they were made from."""

    lines: list[Line] = field(default_factory=list)
    sums: PlanSums = field(default_factory=PlanSums)

    @property
    def live(self) -> int:
        return sum(line.live for line in self.lines)

    @property
    def best(self) -> list[Line]:
        """The three that make most VMs live, in the plan's order; its first three where one needs another done."""
        most = sorted(self.lines, key=lambda line: (-line.live, line.number))[:SHOWN]
        if any(line.relies_on_earlier for line in most):
            return self.lines[:SHOWN]
        return sorted(most, key=lambda line: line.number)

    @property
    def live_by_best(self) -> int:
        return sum(line.live for line in self.best)

    @property
    def rules(self) -> list[str]:
        return list(dict.fromkeys(rule_id for line in self.lines for rule_id in line.rules))


@cache
def fix_line(rule_id: str) -> FixLine:
    price = price_of_rule(rule_id)
    return FixLine(rule_id, price.title if price else rule_id, price)


def plan_of(states: QuerySet[HostState], *, with_vms: bool = False) -> Plan:
    """The plan for all these hosts that have fresh evidence. One query of one row per host.

    `with_vms`: also which VMs, for a page that lists them.
    """
    columns = ["plan__not_plannable_vms", "plan__live_if_vss_vms", "plan__live_if_wmi_vms", "plan__groups"]
    if with_vms:
        columns.append("plan__vm_ids")
    rows = states.filter(fresh()).order_by().values_list("host_id", "host__customer_id", *columns)
    return _plan(rows)


def plan_of_host(host: Host, state: HostState | None) -> Plan:
    """The plan of one host in hand, however old its evidence is. No query where the state came with its plan."""
    if state is None:
        return Plan()
    plan: HostPlan | None = getattr(state, "plan", None)
    numbers = (plan.not_plannable_vms, plan.live_if_vss_vms, plan.live_if_wmi_vms, plan.groups) if plan else [None] * 4
    return _plan([(host.pk, host.customer_id, *numbers)])


def _plan(rows: Iterable[tuple[Any, ...]]) -> Plan:
    total = add_up(rows)
    left = dict(total.sums)
    lines: list[Line] = []
    for choice in choose(total.groups, total.minutes_of_shared):
        lines.append(_line(len(lines) + 1, choice, left))
        for taken in choice.groups:
            del left[taken.key]
    return Plan(lines, total)


def _line(number: int, choice: Choice, left: Mapping[str, PlanSum]) -> Line:
    members = [left[group.key] for group in choice.groups]
    rules = tuple(dict.fromkeys(rule_id for each in members for rule_id in each.rules))
    shares = sorted((share for each in members for share in each.shares), key=lambda each: (-each.vms, each.host_id))
    return Line(
        number=number,
        rules=rules,
        live=choice.vms,
        touched=sum(each.vms for each in left.values() if not set(rules).isdisjoint(each.rules)),
        minutes=choice.minutes,
        off=sum(each.off for each in members),
        risk=max((each.risk for each in members), key=HARM.__getitem__),
        confidence=least(*(each.confidence for each in members)),
        hosts=len(set().union(*(each.hosts for each in members))),
        customers=len(set().union(*(each.customers for each in members))),
        relies_on_earlier=any(not each.shared <= choice.shared for each in members),
        shares=tuple(shares),
    )


@dataclass(frozen=True, slots=True)
class Tick:
    """A box of "what if": one fix wherever it is needed."""

    value: str
    title: str
    rule: str
    targets: str
    minutes: int
    needs_downtime: bool
    risk: Risk
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class WhatIfSum:
    """What the ticked fixes bring where they suffice; VMs that need another fix too keep their verdict here."""

    ticks: list[Tick]
    before: Mapping[str, int]
    after: Mapping[str, int]
    live: int
    minutes: int
    off: int


def what_if(plan: Plan, counts: Mapping[str, int], ticked: Collection[str] | None) -> WhatIfSum:
    """`counts`: VMs per verdict now. `ticked`: rules; None: the first suggestion's."""
    wanted = frozenset(ticked if ticked is not None else plan.lines[0].rules if plan.lines else ())
    sums = plan.sums
    done = [each for each in sums.sums.values() if wanted.issuperset(each.rules)]
    after = Counter(counts)
    for each in done:
        after.subtract(each.words)
        after["live"] += each.vms
    shared = frozenset().union(*(each.shared for each in done))
    ticks = []
    for rule_id in plan.rules:
        fix = fix_line(rule_id)
        needing = [each for each in sums.sums.values() if rule_id in each.rules]
        vms = sum(each.vms for each in needing)
        ticks.append(
            Tick(
                value=rule_id,
                title=fix.title,
                rule=rule_id,
                targets=f"{vms:,} VM{'' if vms == 1 else 's'}",
                minutes=fix.price.minutes if fix.price else 0,
                needs_downtime=bool(fix.price and fix.price.needs_downtime and any(each.off for each in needing)),
                risk=fix.price.risk if fix.price else Risk.LOW,
                is_ticked=rule_id in wanted,
            )
        )
    return WhatIfSum(
        ticks,
        counts,
        {word: max(count, 0) for word, count in after.items()},
        sum(each.vms for each in done),
        sum(each.minutes for each in done) + sum(sums.minutes_of_shared[name] for name in shared),
        sum(each.off for each in done),
    )
