"""One host's plan on a page: judged again from its stored evidence, so that any set of fixes can be tried."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from audits import access
from audits.judgement.planner.plan import HostPlan, NotPlannable, Planner, Suggestion
from audits.judgement.planner.repairs import Step
from audits.models import Verdict
from audits.pipeline.rejudge import EvidenceNotAtHand, judge_again
from audits.queries.age import is_stale
from audits.queries.plans import Tick
from fleet.access import Viewer
from fleet.models import Host


@dataclass(frozen=True, slots=True)
class StepLine:
    step: Step
    vm: Verdict | None


@dataclass(frozen=True, slots=True)
class SuggestionLine:
    suggestion: Suggestion
    rules: list[str]
    titles: list[str]
    steps: list[StepLine]
    live: list[Verdict]
    improved: list[Verdict]


@dataclass(frozen=True, slots=True)
class Shift:
    """A VM whose verdict the ticked fixes change."""

    vm: Verdict
    before: str
    after: str
    confidence: str


@dataclass(frozen=True, slots=True)
class HostPlanPage:
    """`why_none`: why there is no plan now; then everything else is empty.

    `depends`: VMs whose verdict depends on a backup path that nobody has set; `if_vss` and `if_wmi`: the verdicts then.
    """

    why_none: str = ""
    is_stale: bool = False
    suggestions: list[SuggestionLine] = field(default_factory=list)
    not_plannable: list[tuple[Verdict, NotPlannable]] = field(default_factory=list)
    live_if_vss: int = 0
    live_if_wmi: int = 0
    if_vss: Mapping[str, int] = field(default_factory=dict)
    if_wmi: Mapping[str, int] = field(default_factory=dict)
    depends: int = 0
    ticks: list[Tick] = field(default_factory=list)
    before: Mapping[str, int] = field(default_factory=dict)
    after: Mapping[str, int] = field(default_factory=dict)
    shifts: list[Shift] = field(default_factory=list)
    live: int = 0
    minutes: int = 0
    off: int = 0

    @property
    def vms_to_win(self) -> int:
        return sum(len(line.live) for line in self.suggestions)


def host_plan_page(viewer: Viewer, host: Host, ticked: Collection[str] | None) -> HostPlanPage:
    """`ticked`: kinds of steps to try; None: those of the first suggestion. Three queries, and one judging."""
    state = getattr(host, "state", None)
    if state is None:
        return HostPlanPage(why_none="The host was never audited.")
    try:
        judgement = judge_again(host, state, host.effective_backup_path)
    except EvidenceNotAtHand as reason:
        return HostPlanPage(why_none=f"Its evidence cannot be judged again: {reason}.")
    rows = access.verdicts(viewer).filter(host=host, missing_since_at=None).select_related("virtual_machine")
    vms = {row.virtual_machine.guid: row for row in rows}
    planner = Planner(judgement)
    plan = planner.plan()
    suggestions = [_line(suggestion, vms) for suggestion in plan.suggestions]
    if ticked is None:
        ticked = [step.kind for step in plan.suggestions[0].steps] if plan.suggestions else []
    steps = [step for step in _steps_of(plan) if step.kind in frozenset(ticked)]
    outcomes = {outcome.verdict.vm_id: outcome.verdict for outcome in planner.what_if.all(steps)}
    before = {verdict.vm_id: str(verdict.verdict) for verdict in judgement.verdicts if verdict.vm_id in vms}
    after = {vm_id: str(outcomes[vm_id].verdict) for vm_id in before}
    shifts = [
        Shift(vms[vm_id], word, after[vm_id], str(outcomes[vm_id].confidence))
        for vm_id, word in before.items()
        if after[vm_id] != word
    ]
    path = plan.path
    here = [verdict for verdict in judgement.verdicts if verdict.vm_id in vms]
    return HostPlanPage(
        is_stale=is_stale(state),
        suggestions=suggestions,
        not_plannable=[(vms[other.vm_id], other) for other in plan.not_plannable if other.vm_id in vms],
        live_if_vss=len(vms.keys() & set(path.live_if_vss)) if path else 0,
        live_if_wmi=len(vms.keys() & set(path.live_if_wmi)) if path else 0,
        if_vss=Counter(str(verdict.verdict_vss) for verdict in here),
        if_wmi=Counter(str(verdict.verdict_wmi) for verdict in here),
        depends=sum(verdict.depends_on_backup_path for verdict in here) if path else 0,
        ticks=_ticks(plan, ticked),
        before=Counter(before.values()),
        after=Counter(after.values()),
        shifts=sorted(shifts, key=lambda shift: (shift.after != "live", shift.vm.name.casefold())),
        live=sum(shift.after == "live" for shift in shifts),
        minutes=sum(step.price.minutes for step in steps),
        off=len({failure[1] for step in steps if step.price.needs_downtime for failure in step.mends}),
    )


def _line(suggestion: Suggestion, vms: Mapping[str, Verdict]) -> SuggestionLine:
    return SuggestionLine(
        suggestion,
        list(dict.fromkeys(step.rule for step in suggestion.steps)),
        list(dict.fromkeys(step.price.title for step in suggestion.steps)),
        [StepLine(step, vms.get(step.subject_id)) for step in suggestion.steps],
        [vms[vm_id] for vm_id in suggestion.live if vm_id in vms],
        [vms[vm_id] for vm_id in suggestion.improved if vm_id in vms],
    )


def _steps_of(plan: HostPlan) -> list[Step]:
    return list(dict.fromkeys(step for suggestion in plan.suggestions for step in suggestion.steps))


def _ticks(plan: HostPlan, ticked: Collection[str]) -> list[Tick]:
    """One box for a fix on all its VMs, and one for each volume and the host itself."""
    by_kind: dict[str, list[Step]] = {}
    for step in _steps_of(plan):
        by_kind.setdefault(step.kind, []).append(step)
    return [
        Tick(
            value=kind,
            title=steps[0].price.title,
            rule=steps[0].rule,
            targets=steps[0].subject if len(steps) == 1 else f"{len(steps)} VMs",
            minutes=steps[0].price.minutes,
            needs_downtime=steps[0].price.needs_downtime,
            risk=steps[0].price.risk,
            is_ticked=kind in ticked,
        )
        for kind, steps in by_kind.items()
    ]
