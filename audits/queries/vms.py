"""VMs with their verdicts: the filtered list, and one VM with its witnesses, causes, disks and history."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from audits import access
from audits.judgement.rule import Rule
from audits.judgement.rules import RULES
from audits.models import HostState, Result, Verdict, VerdictInterval
from audits.queries.age import fresh, is_stale
from audits.queries.evidence import bodies
from audits.queries.fix_text import FixText, fix_text
from audits.queries.identifiers import uuid_or_none
from audits.queries.listing import Listing, listing
from audits.queries.telling import plain_words, sentence
from audits.queries.words import OBSERVED, VERDICTS, WRITER_SAYS, Look
from fleet.access import Viewer

SORTS = {
    "vm": ("name", "pk"),
    "host": ("host__name", "name"),
    "customer": ("customer__name", "host__name", "name"),
    "verdict": ("verdict", "name"),
    "since": ("since_at", "name"),
    "read": ("host__state__evidence_at", "name"),
}


def filtered(viewer: Viewer, parameters: QueryDict) -> QuerySet[Verdict]:
    """The VMs that the address asks for; a value that means nothing filters nothing away but finds nothing either."""
    rows = access.verdicts(viewer)
    if verdict := parameters.get("verdict"):
        rows = rows.filter(verdict=verdict)
    for key in ("customer", "host"):
        if parameters.get(key):
            rows = rows.filter(**{key: uuid_or_none(parameters[key])})
    if cause := parameters.get("cause"):
        rows = rows.filter(causes__contains=[cause])
    if parameters.get("sure"):
        rows = rows.filter(confidence__in=("high", "medium"))
    if parameters.get("conflict"):
        rows = rows.filter(conflict=True)
    if parameters.get("depends"):
        rows = rows.filter(depends_on_backup_path=True)
    if parameters.get("host_side_ready"):
        rows = rows.filter(host_side_ready=True)
    if parameters.get("stale") == "1":
        rows = rows.exclude(pk__in=rows.filter(fresh("host__state__")).values("pk"))
    elif parameters.get("stale") == "0":
        rows = rows.filter(fresh("host__state__"))
    if text := parameters.get("q", "").strip().replace("\x00", ""):
        rows = rows.filter(
            Q(name__icontains=text) | Q(host__name__icontains=text) | Q(virtual_machine__guid__iexact=text)
        )
    return rows


def vm_list(viewer: Viewer, parameters: QueryDict) -> Listing:
    rows = filtered(viewer, parameters).select_related("host__state", "customer")
    return listing(rows, parameters, SORTS, default="customer")


@dataclass(frozen=True, slots=True)
class Cause:
    """One condition that does not hold, in order of necessity."""

    rule_id: str
    rule: Rule | None
    result: Result | None
    fix: FixText | None


@dataclass(frozen=True, slots=True)
class Unread:
    """A condition that was not judged, and why."""

    rule_id: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class VMPage:
    verdict: Verdict
    state: HostState | None
    causes: list[Cause]
    other_findings: list[Result]
    unread: list[Unread]
    passed: int
    history: list[VerdictInterval]
    vm: dict[str, Any]
    disks: list[dict[str, Any]]
    guest: dict[str, Any]

    @property
    def is_stale(self) -> bool:
        return is_stale(self.state)

    @property
    def look(self) -> Look:
        return VERDICTS[self.verdict.verdict]

    @property
    def writer(self) -> Look:
        return WRITER_SAYS[self.verdict.writer_says]

    @property
    def seen(self) -> Look:
        return OBSERVED[self.verdict.observed]

    @property
    def writer_agrees(self) -> bool:
        return (self.verdict.writer_says, self.verdict.verdict) in {("online", "live"), ("offline", "saved_state")}

    @property
    def passed_label(self) -> str:
        return f"{self.passed} check{'' if self.passed == 1 else 's'} pass"

    @property
    def sentence(self) -> str:
        return sentence(self.verdict, is_likely=self.is_likely)

    @property
    def plain_words(self) -> str:
        return plain_words(self.verdict, is_likely=self.is_likely)

    @property
    def is_likely(self) -> bool:
        """Whether "will" may be said; below medium confidence it is "may"."""
        return self.verdict.confidence in ("high", "medium")


def vm_page(viewer: Viewer, verdict: Verdict) -> VMPage:
    state = access.host_states(viewer).filter(host_id=verdict.host_id).first()
    results = list(access.results(viewer).filter(virtual_machine_id=verdict.virtual_machine_id).order_by("rule"))
    by_rule = {result.rule: result for result in results}
    host_wide = {
        result.rule: result
        for result in access.results(viewer).filter(
            host_id=verdict.host_id, virtual_machine=None, rule__in=verdict.causes, result="fail"
        )
    }
    guid = verdict.virtual_machine.guid
    sections = bodies(state, "vms", "guest_facts")
    vms = sections.get("vms") or {}
    vm = next((vm for vm in vms.get("vms") or [] if str(vm.get("vm_id", "")).lower() == guid.lower()), {})
    images = {image.get("path"): image for image in vms.get("images") or []}
    guests = (sections.get("guest_facts") or {}).get("guests") or []
    return VMPage(
        verdict=verdict,
        state=state,
        causes=[_cause(rule_id, by_rule.get(rule_id) or host_wide.get(rule_id), verdict) for rule_id in verdict.causes],
        other_findings=[
            result for result in results if result.result in ("fail", "error") and result.rule not in verdict.causes
        ],
        unread=[_unread(rule_id, by_rule.get(rule_id)) for rule_id in verdict.unknowns],
        passed=sum(result.result == "pass" for result in results),
        history=list(
            access.verdict_intervals(viewer)
            .filter(virtual_machine_id=verdict.virtual_machine_id)
            .order_by("-to_at")[:20]
        ),
        vm=vm,
        disks=[{**disk, "image": images.get(disk.get("path"), {})} for disk in vm.get("disks") or []],
        guest=next((guest for guest in guests if str(guest.get("vm_id", "")).lower() == guid.lower()), {}),
    )


def _cause(rule_id: str, result: Result | None, verdict: Verdict) -> Cause:
    rule = RULES.get(rule_id)
    fix_id = (result.fix if result else None) or (rule.fix if rule else None)
    return Cause(rule_id, rule, result, fix_text(fix_id, vm=verdict.name))


def _unread(rule_id: str, result: Result | None) -> Unread:
    rule = RULES.get(rule_id)
    if rule_id.startswith("G-"):
        return Unread(rule_id, "Inside the guest", "guest not read")
    reason = (result.reason if result else None) or "not read"
    return Unread(rule_id, rule.title if rule else rule_id, reason)
