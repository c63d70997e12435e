"""Checks: how every rule stands over the fleet, and one rule with who fails it."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.http import QueryDict

from audits import access
from audits.judgement.fixes import FIXES, Fix
from audits.judgement.rule import Rule
from audits.judgement.rules import RULES
from audits.judgement.words import Severity
from audits.models import Result
from audits.queries.findings import SORTS, finding_filter
from audits.queries.listing import Listing, listing
from fleet.access import Viewer


@dataclass(frozen=True, slots=True)
class CheckLine:
    """`counts`: current results per result word."""

    rule: Rule
    fix: Fix | None
    counts: dict[str, int]

    @property
    def failing(self) -> int:
        return self.counts.get("fail", 0)

    @property
    def is_only_a_note(self) -> bool:
        """Most VMs fail such a rule with Hyper-V's own default; it must not stand above what stops a backup."""
        return self.rule.severity == Severity.INFO

    @property
    def judged(self) -> int:
        """Every subject the rule applies to; unknown is in it."""
        return sum(count for word, count in self.counts.items() if word != "not_applicable")


def check_list(viewer: Viewer, parameters: QueryDict) -> list[CheckLine]:
    """Every rule, those that fail most first, and those that only note something after them. One query."""
    counts: dict[str, dict[str, int]] = {}
    for rule_id, word, number in _counted(access.results(viewer)):
        counts.setdefault(rule_id, {})[word] = number
    lines = [CheckLine(rule, FIXES.get(rule.fix or ""), counts.get(rule.id, {})) for rule in RULES.values()]
    if parameters.get("state") == "failing":
        lines = [line for line in lines if line.failing]
    if scope := parameters.get("scope"):
        lines = [line for line in lines if line.rule.scope == scope]
    if parameters.get("sort") != "rule":
        lines.sort(key=lambda line: (line.is_only_a_note, -line.failing, -line.counts.get("unknown", 0)))
    return lines


def _counted(results: QuerySet[Result]) -> QuerySet[Result, tuple[str, str, int]]:
    return results.order_by().values_list("rule", "result").annotate(number=Count("pk"))


@dataclass(frozen=True, slots=True)
class CheckPage:
    line: CheckLine
    findings: Listing


def check_page(viewer: Viewer, rule: Rule, parameters: QueryDict) -> CheckPage:
    results = access.results(viewer).filter(rule=rule.id)
    counts = {word: number for _, word, number in _counted(results)}
    asked = parameters.copy()
    asked["rule"] = rule.id
    asked.setdefault("result", "fail")
    rows = finding_filter(viewer, asked).select_related("host__customer", "host__state", "virtual_machine__verdict")
    return CheckPage(
        CheckLine(rule, FIXES.get(rule.fix or ""), counts), listing(rows, parameters, SORTS, default="customer")
    )
