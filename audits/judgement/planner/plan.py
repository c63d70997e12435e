"""The plan of one host: which VMs can become live, the smallest set of steps for each, and what to do first."""

from collections.abc import Collection, Iterable, Mapping
from itertools import combinations

from msgspec import Struct

from audits.judgement.confidence import least
from audits.judgement.fixes import Risk
from audits.judgement.judge import Judgement
from audits.judgement.path_verdict import BADNESS
from audits.judgement.planner.cover import Choice, Group, choose
from audits.judgement.planner.repairs import Step, steps_by_failure
from audits.judgement.planner.what_if import Assumption, Outcome, WhatIf
from audits.judgement.rules import RULES
from audits.judgement.view import VMView
from audits.judgement.vm_verdict import VMVerdict
from audits.judgement.words import BackupPath, Confidence, HostClass, ResultWord, VerdictWord

# Where the steps a VM needs are not each necessary by themselves, subsets of the others are tried while they are few.
TRIED_EXACTLY = 8
HARM = {Risk.LOW: 0, Risk.MEDIUM: 1, Risk.HIGH: 2}


class Need(Struct, frozen=True):
    """A VM that becomes live with these steps and with no smaller part of them. `word` is its verdict now."""

    vm_id: str
    vm: str
    word: VerdictWord
    steps: tuple[Step, ...]
    confidence: Confidence
    assumes: tuple[Assumption, ...]


class NotPlannable(Struct, frozen=True):
    """A VM that no steps make live. `best` is its verdict after every step there is, `why` what stands in the way.

    `unknowns`: what would have to be read on the host first.
    """

    vm_id: str
    vm: str
    word: VerdictWord
    best: VerdictWord
    why: str
    unknowns: tuple[str, ...]


class PathStatement(Struct, frozen=True):
    """What is known once somebody says which backup path the host's product takes: VMs that are live then, by id.

    A statement of fact and no repair: nothing changes on the host, so only the true one of the two may be made.
    """

    live_if_vss: tuple[str, ...]
    live_if_wmi: tuple[str, ...]


class Suggestion(Struct, frozen=True):
    """Steps to do together, after those of the suggestions before it, and what they bring.

    `live`: ids of the VMs that become live. `improved`: ids of those that become better and not live. `off`: ids of
    the VMs that have to be off for it. `risk` is the worst of its steps; `irreversible` says what cannot be undone.
    """

    steps: tuple[Step, ...]
    live: tuple[str, ...]
    improved: tuple[str, ...]
    off: tuple[str, ...]
    minutes: int
    risk: Risk
    caveats: tuple[str, ...]
    irreversible: tuple[str, ...]
    confidence: Confidence
    assumes: tuple[Assumption, ...]


class HostPlan(Struct, frozen=True):
    needs: tuple[Need, ...]
    not_plannable: tuple[NotPlannable, ...]
    suggestions: tuple[Suggestion, ...]
    path: PathStatement | None


def plan_host(judgement: Judgement) -> HostPlan:
    """The plan for a judged host. Raises nothing, and does not depend on the order of its results or VMs.

    About 5 ms for 50 VMs of which most fail in different ways, below 100 ms for 1,024: VMs that are alike are worked
    out once.
    """
    return Planner(judgement).plan()


class _Case(Struct, frozen=True):
    """A VM that is not live and the steps that touch it. What is `alike` has the same verdict after the same steps."""

    vm: VMView
    possible: list[Step]
    alike: object


class Planner:
    """One host's what-if with the steps there are, and what was found out about VMs that are alike."""

    def __init__(self, judgement: Judgement) -> None:
        host, results = judgement.host, judgement.results
        self.what_if = WhatIf(host, results, judgement.backup_path)
        self._host = host
        self._backup_path = judgement.backup_path
        self._steps = steps_by_failure(host, results)
        self._verdicts = sorted(judgement.verdicts, key=lambda verdict: verdict.vm_id)
        self._vms = {vm.subject.id: vm for vm in host.vms}
        self._cases: dict[str, _Case] = {}
        self._known: dict[object, tuple[tuple[int, ...], Outcome]] = {}

    @property
    def steps(self) -> list[Step]:
        """Every step there is on this host, each once."""
        return sorted({id(step): step for step in self._steps.values()}.values(), key=lambda step: step.order)

    def plan(self) -> HostPlan:
        needs: list[Need] = []
        not_plannable: list[NotPlannable] = []
        for verdict in self._verdicts:
            if verdict.verdict not in (VerdictWord.LIVE, VerdictWord.ALREADY_OFFLINE):
                case = self._cases[verdict.vm_id] = self._case_of(self._vms[verdict.vm_id])
                steps, outcome = self._smallest(case)
                if steps is None:
                    not_plannable.append(_not_plannable(verdict, outcome))
                else:
                    sure, assumes = outcome.verdict.confidence, outcome.assumes
                    needs.append(Need(verdict.vm_id, verdict.vm, verdict.verdict, steps, sure, assumes))
        suggestions = tuple(self._suggestions(needs))
        return HostPlan(tuple(needs), tuple(not_plannable), suggestions, self._path_statement())

    def _case_of(self, vm: VMView) -> _Case:
        about = self.what_if.results_about(vm)
        failing = ((result.rule, result.subject_id) for result in about if result.result is ResultWord.FAIL)
        found = {id(step): step for failure in failing if (step := self._steps.get(failure)) is not None}
        possible = sorted(found.values(), key=lambda step: step.order)
        alike = (
            vm.state,
            vm.facts.state,
            vm.writer_says,
            vm.why_volumes_unknown is None,
            vm.inside is None,
            tuple((step.rule, len(step.mends)) for step in possible),
            tuple(
                (result.rule, result.result, result.is_note, result.row)
                for result in about
                if result.result is not ResultWord.PASS
            ),
        )
        return _Case(vm, possible, alike)

    def _smallest(self, case: _Case) -> tuple[tuple[Step, ...] | None, Outcome]:
        """The cheapest steps that make the VM live, and the verdict then; without steps the best there can be."""
        known = self._known.get(case.alike)
        if known is not None:
            positions, outcome = known
            return tuple(case.possible[position] for position in positions), outcome
        chosen, outcome = self._search(case.vm, case.possible)
        if chosen is not None:  # where nothing suffices, the sentence names this VM's own reasons
            self._known[case.alike] = tuple(case.possible.index(step) for step in chosen), outcome
        return chosen, outcome

    def _search(self, vm: VMView, possible: list[Step]) -> tuple[tuple[Step, ...] | None, Outcome]:
        """A step without which all the others do not suffice is necessary. What is necessary nearly always suffices,
        and is then the one smallest set; else subsets of the rest are added, cheapest first.
        """
        best = self.what_if.one(vm, possible)
        if not possible or not _is_live(best):
            return None, best
        necessary = [step for step in possible if not _is_live(self.what_if.one(vm, _without(possible, step)))]
        rest = [step for step in possible if step not in necessary]
        for added in _cheapest_first(rest):
            chosen = tuple(step for step in possible if step in necessary or step in added)
            outcome = self.what_if.one(vm, chosen)
            if _is_live(outcome):
                return chosen, outcome
        return tuple(possible), best

    def _suggestions(self, needs: list[Need]) -> Iterable[Suggestion]:
        users: dict[int, int] = {}
        for need in needs:
            for step in need.steps:
                users[id(step)] = users.get(id(step), 0) + 1
        shared = {step.kind + " " + step.subject_id: step for step in self.steps if users.get(id(step), 0) > 1}
        names = {id(step): name for name, step in shared.items()}
        by_vm = {need.vm_id: need for need in needs}
        choices = choose(
            (_group(need, names) for need in needs), {name: step.price.minutes for name, step in shared.items()}
        )
        done: dict[int, Step] = {}
        words = {verdict.vm_id: verdict.verdict for verdict in self._verdicts}
        for choice in choices:
            chosen = [by_vm[group.key] for group in choice.groups]
            steps = {id(step): step for need in chosen for step in need.steps if id(step) not in done}
            done |= steps
            live = {need.vm_id for need in chosen}
            improved = self._improved(steps.keys(), done, words, live)
            words |= improved | dict.fromkeys(live, VerdictWord.LIVE)
            yield _suggestion(choice, chosen, steps.values(), tuple(sorted(improved)))

    def _improved(
        self, steps: Collection[int], done: Mapping[int, Step], words: Mapping[str, VerdictWord], live: Collection[str]
    ) -> dict[str, VerdictWord]:
        """The VMs that these steps touch and make better, without making them live, and their verdicts then."""
        known: dict[object, VerdictWord] = {}
        improved: dict[str, VerdictWord] = {}
        for vm_id, case in self._cases.items():
            word = words[vm_id]
            if word is VerdictWord.LIVE or vm_id in live or not any(id(step) in steps for step in case.possible):
                continue
            mended = tuple(id(step) in done for step in case.possible)
            after = known.get((case.alike, mended))
            if after is None:
                after = self.what_if.one(case.vm, list(done.values())).verdict.verdict
                known[case.alike, mended] = after
            if BADNESS.get(after, 0) > BADNESS.get(word, 0):
                improved[vm_id] = after
        return improved

    def _path_statement(self) -> PathStatement | None:
        if self._host.host_class is not HostClass.C or self._backup_path is not BackupPath.UNKNOWN:
            return None
        waiting = [verdict for verdict in self._verdicts if verdict.verdict is not VerdictWord.LIVE]
        return PathStatement(
            tuple(verdict.vm_id for verdict in waiting if verdict.verdict_vss is VerdictWord.LIVE),
            tuple(verdict.vm_id for verdict in waiting if verdict.verdict_wmi is VerdictWord.LIVE),
        )


def _is_live(outcome: Outcome) -> bool:
    return outcome.verdict.verdict is VerdictWord.LIVE


def _without(steps: list[Step], one: Step) -> list[Step]:
    return [step for step in steps if step is not one]


def _cheapest_first(steps: list[Step]) -> Iterable[tuple[Step, ...]]:
    """Subsets by minutes of work, the empty one first; of many steps only none."""
    if len(steps) > TRIED_EXACTLY:
        return [()]
    subsets = [subset for size in range(len(steps) + 1) for subset in combinations(steps, size)]
    return sorted(subsets, key=lambda subset: (sum(step.price.minutes for step in subset), len(subset)))


def _not_plannable(verdict: VMVerdict, best: Outcome) -> NotPlannable:
    after = best.verdict
    unknowns = tuple(rule_id for rule_id in after.unknowns if not rule_id.startswith("G-"))
    return NotPlannable(verdict.vm_id, verdict.vm, verdict.verdict, after.verdict, _why(after), unknowns)


def _why(after: VMVerdict) -> str:
    """What is in the way, from the verdict after every step there is."""
    reasons = [f"no fix here mends {rule_id} ({RULES[rule_id].title})" for rule_id in after.causes]
    for rule_id, reason in zip(after.unknowns, after.unknown_reasons, strict=True):
        if not rule_id.startswith("G-"):
            reasons.append(f"{rule_id} is not known: {reason}")
    if not reasons or (after.conflict and not after.causes):
        reasons.insert(0, after.sentence)
    if after.host_side_ready:  # only the guest is unread, for one reason
        reasons = [f"{after.sentence}: {after.unknown_reasons[0]}"]
    return "; ".join(reasons)


def _group(need: Need, shared: Mapping[int, str]) -> Group:
    own = [step for step in need.steps if id(step) not in shared]
    return Group(
        key=need.vm_id,
        kinds=frozenset(step.kind for step in need.steps),
        vms=1,
        minutes=sum(step.price.minutes for step in own),
        shared=frozenset(shared[id(step)] for step in need.steps if id(step) in shared),
    )


def _suggestion(choice: Choice, needs: list[Need], steps: Iterable[Step], improved: tuple[str, ...]) -> Suggestion:
    ordered = tuple(sorted(steps, key=lambda step: step.order))
    return Suggestion(
        steps=ordered,
        live=tuple(sorted(need.vm_id for need in needs)),
        improved=improved,
        off=_off(needs, ordered),
        minutes=choice.minutes,
        risk=max((step.price.risk for step in ordered), key=HARM.__getitem__),
        caveats=tuple(dict.fromkeys(step.price.caveat for step in ordered if step.price.caveat)),
        irreversible=tuple(dict.fromkeys(step.price.irreversible for step in ordered if step.price.irreversible)),
        confidence=least(*(need.confidence for need in needs)),
        assumes=tuple(sorted({assumption for need in needs for assumption in need.assumes})),
    )


def _off(needs: list[Need], steps: tuple[Step, ...]) -> tuple[str, ...]:
    """VMs that a step with downtime is about, or that lie on what it is about."""
    costly = {id(step) for step in steps if step.price.needs_downtime}
    return tuple(sorted(need.vm_id for need in needs if any(id(step) in costly for step in need.steps)))
