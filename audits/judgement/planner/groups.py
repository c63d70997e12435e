"""A host's plan in the form that is stored: VMs that need the same rules mended, and what that costs together."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from audits.judgement.confidence import least
from audits.judgement.planner.plan import HARM, HostPlan, Need
from audits.judgement.planner.repairs import Step
from audits.judgement.words import Scope


class PlanGroup(Struct, frozen=True):
    """VMs of one host that become live once the same rules no longer fail.

    `minutes` is the work for these VMs alone, in `steps` of them; `shared` the minutes of each step that serves other
    VMs too, or is about the host or a volume. `off`: how many VMs have to be off. `words`: their verdicts now.
    """

    rules: tuple[str, ...]
    vm_ids: tuple[str, ...]
    minutes: int
    steps: int
    shared: Mapping[str, int]
    off: int
    risk: str
    confidence: str
    words: Mapping[str, int]

    @property
    def vms(self) -> int:
        return len(self.vm_ids)


def groups_of(plan: HostPlan) -> list[PlanGroup]:
    """Every VM that can become live, in one group. The same plan gives the same groups in the same order."""
    users: dict[Step, int] = {}
    for need in plan.needs:
        for step in need.steps:
            users[step] = users.get(step, 0) + 1
    by_rules: dict[tuple[str, ...], list[Need]] = {}
    for need in plan.needs:
        by_rules.setdefault(tuple(dict.fromkeys(step.rule for step in need.steps)), []).append(need)
    return [_group(rules, needs, users) for rules, needs in sorted(by_rules.items())]


def _group(rules: tuple[str, ...], needs: list[Need], users: Mapping[Step, int]) -> PlanGroup:
    steps = list(dict.fromkeys(step for need in needs for step in need.steps))
    shared = [step for step in steps if users[step] > 1 or step.subject_type is not Scope.VM]
    own = [step for step in steps if step not in shared]
    return PlanGroup(
        rules=rules,
        vm_ids=tuple(need.vm_id for need in needs),
        minutes=sum(step.price.minutes for step in own),
        steps=len(own),
        shared={f"{step.rule}@{step.subject_id}": step.price.minutes for step in shared},
        off=sum(any(step.price.needs_downtime for step in need.steps) for need in needs),
        risk=max((step.price.risk for step in steps), key=HARM.__getitem__),
        confidence=least(*(need.confidence for need in needs)),
        words=_counted(need.word for need in needs),
    )


def _counted(words: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[str(word)] = counts.get(str(word), 0) + 1
    return counts
