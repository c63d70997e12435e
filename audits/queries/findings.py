"""Findings: the filtered list, and one with the evidence behind it and its history."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import QueryDict

from audits import access
from audits.judgement.fixes import FixText
from audits.judgement.rule import Rule
from audits.judgement.rules import RULES
from audits.judgement.words import HostClass, ResultWord
from audits.models import HostState, Result, ResultInterval
from audits.queries.age import is_stale
from audits.queries.evidence import bodies
from audits.queries.fix_text import fix_text
from audits.queries.identifiers import uuid_or_none
from audits.queries.listing import Listing, listing
from audits.queries.surroundings import EVERY_SECTION, surroundings
from fleet.access import Viewer

SORTS: dict[str, tuple[Any, ...]] = {
    "subject": ("subject", "rule", "pk"),
    "host": ("host__name", "rule", "subject", "pk"),
    "customer": ("host__customer__name", "host__name", "rule", "subject_id", "pk"),
    "rule": ("rule", "subject", "pk"),
    "since": ("first_seen_at", "pk"),
    "severity": ("severity_rank", "rule", "subject", "pk"),
}
_SEVERITY_RANK = Case(
    When(severity="critical", then=Value(0)),
    When(severity="warning", then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)
ANY_RESULT = ("fail", "error", "unknown", "pass", "not_applicable")


def finding_filter(viewer: Viewer, parameters: QueryDict) -> QuerySet[Result]:
    """What the address asks for. Without `result`: fail, error and unknown; `all`: every current result."""
    wanted = parameters.get("result", "")
    if wanted == "all":
        rows = access.results(viewer)
    elif wanted in ANY_RESULT:
        rows = access.results(viewer).filter(result=wanted)
    else:
        rows = access.findings(viewer)
    if rule := parameters.get("rule"):
        rows = rows.filter(rule=rule)
    if severity := parameters.get("severity"):
        rows = rows.filter(severity=severity)
    if customer := parameters.get("customer"):
        rows = rows.filter(host__customer=uuid_or_none(customer))
    if host := parameters.get("host"):
        rows = rows.filter(host=uuid_or_none(host))
    if text := parameters.get("q", "").strip().replace("\x00", ""):
        rows = rows.filter(Q(subject__icontains=text) | Q(host__name__icontains=text) | Q(measured__icontains=text))
    return rows.annotate(severity_rank=_SEVERITY_RANK)


def finding_list(viewer: Viewer, parameters: QueryDict) -> Listing:
    rows = finding_filter(viewer, parameters).select_related("host__customer", "host__state")
    return listing(rows, parameters, SORTS, default="severity")


@dataclass(frozen=True, slots=True)
class FindingPage:
    result: Result
    rule: Rule | None
    fix: FixText | None
    state: HostState | None
    evidence: list[tuple[str, dict[str, Any], Any]]
    history: list[ResultInterval]

    @property
    def is_stale(self) -> bool:
        return is_stale(self.state)

    @property
    def unconfirmed(self) -> list[str]:
        """What no source confirms and this result rests on: why it is not of high confidence."""
        if self.rule is None or self.state is None:
            return []
        host_class, word = HostClass(self.state.host_class), ResultWord(self.result.result)
        marks = self.rule.unconfirmed
        return [mark.what for mark in marks if word in mark.weakens and mark.is_about(host_class)]


def finding_page(viewer: Viewer, result: Result) -> FindingPage:
    rule = RULES.get(result.rule)
    state = access.host_states(viewer).filter(host_id=result.host_id).first()
    needs = [str(section) for section in rule.needs] if rule else []
    documents = bodies(state, *EVERY_SECTION)
    readings = state.sections if state else {}
    return FindingPage(
        result=result,
        rule=rule,
        fix=fix_text(surroundings(result.host, state, documents), result),
        state=state,
        evidence=[
            (section, readings.get(section, {}), _about(result, section, documents.get(section))) for section in needs
        ],
        history=list(
            access.result_intervals(viewer)
            .filter(subject_key=result.subject_key, rule=result.rule)
            .order_by("-to_at")[:20]
        ),
    )


def _about(result: Result, section: str, body: dict[str, Any] | None) -> Any:
    """The part of a section that speaks about the finding's subject; the whole section where it has no such part."""
    if body is None or result.subject_type != "vm":
        return body
    of_a_vm = {"vms": ("vms",), "guest_facts": ("guests",), "guests": ("guests",), "writers": ("components",)}
    lists = of_a_vm.get(section, ())
    for key in lists:
        for row in body.get(key) or []:
            if str(row.get("vm_id", "")).lower() == result.subject_id.lower():
                return row
    return body if not lists else None
