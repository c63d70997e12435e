"""The plans of many hosts as one: which work pays most, summed from one small row per host."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from audits.judgement.confidence import least
from audits.judgement.cover import Choice, Group, choose
from audits.judgement.fixes import Risk
from audits.judgement.planner import HARM
from audits.judgement.repairs import Price, price_of
from audits.judgement.rules import RULES
from audits.judgement.words import Confidence, HostClass
from audits.models import HostPlan, HostState
from audits.queries.age import fresh
from fleet.models import Host

type_of_group = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FixLine:
    """One fix of a suggestion: the condition that is met afterwards, and what mending one target costs."""

    rule: str
    title: str
    price: Price | None


@dataclass(frozen=True, slots=True)
class HostShare:
    """How much of a suggestion is on one host."""

    host_id: UUID
    customer_id: UUID
    vms: int
    minutes: int
    vm_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A suggestion over many hosts. `touched`: VMs that these fixes are about, though some need another one too.

    `minutes` counts nothing twice that the lines before it have done already.
    """

    rules: tuple[str, ...]
    live: int
    touched: int
    minutes: int
    off: int
    risk: Risk
    confidence: Confidence
    words: Mapping[str, int]
    shares: tuple[HostShare, ...]

    @property
    def fixes(self) -> list[FixLine]:
        return [fix_line(rule_id) for rule_id in self.rules]

    @property
    def needs_more(self) -> int:
        return self.touched - self.live

    @property
    def hosts(self) -> int:
        return len({share.host_id for share in self.shares})

    @property
    def customers(self) -> int:
        return len({share.customer_id for share in self.shares})

    @property
    def caveats(self) -> list[str]:
        return [fix.price.caveat for fix in self.fixes if fix.price and fix.price.caveat]


@dataclass(frozen=True, slots=True)
class Plan:
    """Lines by VMs gained per minute. `unplanned_hosts` were read before there were plans: their next audit plans."""

    lines: list[Line] = field(default_factory=list)
    groups: list[tuple[Group, type_of_group]] = field(default_factory=list)
    minutes_of_shared: Mapping[str, int] = field(default_factory=dict)
    not_plannable_vms: int = 0
    live_if_vss_vms: int = 0
    live_if_wmi_vms: int = 0
    path_hosts: int = 0
    unplanned_hosts: int = 0

    @property
    def live(self) -> int:
        return sum(line.live for line in self.lines)

    @property
    def best(self) -> list[Line]:
        """The first three: what a page shows of the whole."""
        return self.lines[:3]

    @property
    def live_by_best(self) -> int:
        return sum(line.live for line in self.best)

    @property
    def rules(self) -> list[str]:
        return list(dict.fromkeys(rule_id for line in self.lines for rule_id in line.rules))


@cache
def fix_line(rule_id: str) -> FixLine:
    rule = RULES.get(rule_id)
    price = price_of(rule_id, rule.fix, HostClass.C) if rule else None
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
    groups: dict[str, tuple[Group, HostShare, type_of_group]] = {}
    minutes_of_shared: dict[str, int] = {}
    not_plannable = if_vss = if_wmi = path_hosts = unplanned = 0
    for host_id, customer_id, beyond, live_if_vss, live_if_wmi, found, *ids in rows:
        if found is None:
            unplanned += 1
            continue
        not_plannable += beyond
        if_vss += live_if_vss
        if_wmi += live_if_wmi
        path_hosts += bool(live_if_vss or live_if_wmi)
        for place, group in enumerate(found):
            shared = {f"{host_id} {name}": minutes for name, minutes in group["shared"].items()}
            minutes_of_shared |= shared
            key = f"{host_id} {place:04}"
            vm_ids = tuple(ids[0][place]) if ids and ids[0] else ()
            groups[key] = (
                Group(key, frozenset(group["rules"]), group["vms"], group["minutes"], frozenset(shared)),
                HostShare(host_id, customer_id, group["vms"], group["minutes"] + sum(shared.values()), vm_ids),
                group,
            )
    lines: list[Line] = []
    left = dict(groups)
    for choice in choose((group for group, _, _ in groups.values()), minutes_of_shared):
        lines.append(_line(choice, groups, left.values()))
        for taken in choice.groups:
            del left[taken.key]
    return Plan(
        lines=lines,
        groups=[(group, stored) for group, _, stored in groups.values()],
        minutes_of_shared=minutes_of_shared,
        not_plannable_vms=not_plannable,
        live_if_vss_vms=if_vss,
        live_if_wmi_vms=if_wmi,
        path_hosts=path_hosts,
        unplanned_hosts=unplanned,
    )


def _line(
    choice: Choice,
    groups: Mapping[str, tuple[Group, HostShare, type_of_group]],
    left: Iterable[tuple[Group, HostShare, type_of_group]],
) -> Line:
    members = [groups[group.key] for group in choice.groups]
    rules = tuple(dict.fromkeys(rule_id for _, _, group in members for rule_id in group["rules"]))
    words: Counter[str] = Counter()
    for _, _, group in members:
        words.update(group["words"])
    wanted = frozenset(rules)
    return Line(
        rules=rules,
        live=choice.vms,
        touched=sum(group.vms for group, _, _ in left if group.kinds & wanted),
        minutes=choice.minutes,
        off=sum(group["off"] for _, _, group in members),
        risk=max((Risk(group["risk"]) for _, _, group in members), key=HARM.__getitem__),
        confidence=least(*(Confidence(group["confidence"]) for _, _, group in members)),
        words=words,
        shares=tuple(sorted((share for _, share, _ in members), key=lambda share: (-share.vms, str(share.host_id)))),
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
    done = [(group, stored) for group, stored in plan.groups if group.kinds <= wanted]
    after = Counter(counts)
    for group, stored in done:
        after.subtract(stored["words"])
        after["live"] += group.vms
    shared = frozenset().union(*(group.shared for group, _ in done))
    ticks = []
    for rule_id in plan.rules:
        fix = fix_line(rule_id)
        vms = sum(group.vms for group, _ in plan.groups if rule_id in group.kinds)
        ticks.append(
            Tick(
                value=rule_id,
                title=fix.title,
                rule=rule_id,
                targets=f"{vms:,} VM{'' if vms == 1 else 's'}",
                minutes=fix.price.minutes if fix.price else 0,
                needs_downtime=bool(fix.price and fix.price.needs_downtime),
                risk=fix.price.risk if fix.price else Risk.LOW,
                is_ticked=rule_id in wanted,
            )
        )
    return WhatIfSum(
        ticks,
        counts,
        {word: max(count, 0) for word, count in after.items()},
        sum(group.vms for group, _ in done),
        sum(group.minutes for group, _ in done) + sum(plan.minutes_of_shared[name] for name in shared),
        sum(stored["off"] for _, stored in done),
    )
