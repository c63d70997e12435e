"""The fixes that pay most: which conditions, once met, leave VMs without any failing condition."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from audits.judgement.fixes import FIXES, Fix
from audits.judgement.rules import RULES
from audits.models import Verdict
from audits.queries.age import fresh


@dataclass(frozen=True, slots=True)
class Win:
    rule: str
    title: str
    fix: Fix | None
    cleared: int
    touched: int


@dataclass(frozen=True, slots=True)
class Wins:
    fixes: list[Win]
    cleared: int
    failing_rules: int


def biggest_wins(verdicts: QuerySet[Verdict], *, most: int = 3) -> Wins:
    """Greedy: each next fix is the one that clears most VMs given those before it. One query, grouped by cause sets.

    "Cleared" says that no known condition fails any more, not that the VM is live: what was not read stays unknown.
    """
    rows = (
        verdicts.filter(fresh("host__state__"), verdict__in=("saved_state", "backup_fails", "crash_consistent"))
        .exclude(causes=[])
        .order_by()
        .values_list("causes")
        .annotate(vms=Count("pk"))
    )
    groups = [(frozenset(causes), vms) for causes, vms in rows]
    touched: Counter[str] = Counter()
    for causes, vms in groups:
        for rule_id in causes:
            touched[rule_id] += vms
    done: set[str] = set()
    fixes: list[Win] = []
    while len(fixes) < most:
        gains: Counter[str] = Counter()
        for causes, vms in groups:
            remaining = causes - done
            if len(remaining) == 1:
                gains[next(iter(remaining))] += vms
        if not gains:
            break
        rule_id, cleared = max(gains.items(), key=lambda gain: (gain[1], gain[0]))
        rule = RULES.get(rule_id)
        fixes.append(
            Win(
                rule=rule_id,
                title=rule.title if rule else rule_id,
                fix=FIXES.get(rule.fix or "") if rule else None,
                cleared=cleared,
                touched=touched[rule_id],
            )
        )
        done.add(rule_id)
    return Wins(fixes, sum(win.cleared for win in fixes), len(touched))
