"""What if: the verdicts after some failures were mended, by the same pure functions that gave the verdicts before.

Mending is told to `judge_vms` as changed results. Three things are old evidence by then and would be read anew:

* The writer's caption. "Offline" is explained by a failed condition that makes the writer say so in this column of
  the matrix, or by a VM in a critical state. When every such condition is mended, and none is left of which no
  source says what the writer makes of it, the explanation is gone and the caption counts as online. An "offline"
  that nothing explains stays: its cause is inside the guest, where no step of ours reaches. A caption that was not
  read, or not understood, stays what it is: mending teaches us nothing about it. A writer that is mended itself may
  speak for the first time, and is assumed not to contradict guests that were read.
* Whether the service in the guest answers, where it could not be asked because it was not offered or the VM stood
  still. Once it can be asked, it counts as answering.
* The state of a paused VM (running once resumed) and of a critical one: back to running from "running, critical";
  from any other critical state no source says what follows, so the VM becomes unknown.

The first two are assumptions: a second cause may have hidden behind the first. They are named beside every promise,
and such a promise is never surer than medium.
"""

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum

from msgspec import Struct, structs

from audits.judgement.conditions import Failures, failures_of_host, failures_of_vm, type_of_results
from audits.judgement.confidence import least
from audits.judgement.matrix import Cell, Column, Effect, vss_column
from audits.judgement.planner.repairs import Step, type_of_failure
from audits.judgement.result import Result
from audits.judgement.verdict import judge_vms
from audits.judgement.view import HostView, VMView
from audits.judgement.vm_state import RUNNING_CRITICAL
from audits.judgement.vm_verdict import VMVerdict
from audits.judgement.words import BackupPath, Confidence, HostClass, ResultWord, VerdictWord, VMState, WriterSays

# A failed condition with such an effect makes the writer say offline; of the unsourced one nobody knows.
_EXPLAINS = frozenset({Effect.SAVED, Effect.OFFLINE})
_MAY_EXPLAIN = _EXPLAINS | {Effect.UNSOURCED}


# A writer that is mended may say something for the first time.
_UNHEARD = frozenset({WriterSays.UNKNOWN, WriterSays.NOT_READ})


class Assumption(StrEnum):
    """What a promise takes for granted, because only the next audit can read it."""

    WRITER_SAYS_ONLINE = "the writer calls the VM online once these causes are gone"
    GUEST_ANSWERS = "the backup service in the guest answers once it is asked"


class Outcome(Struct, frozen=True):
    """The verdict on one VM after some steps, and what it takes for granted."""

    verdict: VMVerdict
    assumes: tuple[Assumption, ...] = ()


class WhatIf:
    """The verdicts of one host for any set of steps. Holds no state that an answer changes.

    `one` costs a look-up per rule, about 0.1 ms; `all` about as much as the verdicts of the host did.
    """

    def __init__(self, host: HostView, results: Iterable[Result], backup_path: BackupPath) -> None:
        self.host = host
        self.backup_path = backup_path
        self._of_subject: dict[str, list[Result]] = {}
        for result in results:
            self._of_subject.setdefault(result.subject_id, []).append(result)
        self._column = _column_of_vss(host)
        knows_wmi = host.host_class is HostClass.C
        self._asks_the_writer = not knows_wmi or backup_path is not BackupPath.WMI
        self._asks_the_guest = knows_wmi and backup_path is not BackupPath.VSS

    def results_about(self, vm: VMView) -> list[Result]:
        """What the rules say of the VM, of the volumes it lies on and of its host."""
        subjects = (vm.subject.id, *(volume.subject.id for volume in vm.volumes), self.host.subject.id)
        return [result for subject_id in dict.fromkeys(subjects) for result in self._of_subject.get(subject_id, ())]

    def one(self, vm: VMView, steps: Collection[Step]) -> Outcome:
        """The verdict on one VM after these steps."""
        return next(self._judge((vm,), self.results_about(vm), steps))

    def all(self, steps: Collection[Step]) -> list[Outcome]:
        """The verdicts on every VM of the host after these steps, in the host's order."""
        results = [result for of_subject in self._of_subject.values() for result in of_subject]
        return list(self._judge(self.host.vms, results, steps))

    def _judge(self, vms: tuple[VMView, ...], results: list[Result], steps: Collection[Step]) -> Iterator[Outcome]:
        mended = frozenset(failure for step in steps for failure in step.mends)
        if not mended:
            yield from map(Outcome, judge_vms(self._with(vms), results, self.backup_path))
            return
        before = _by_rule(results)
        after = _by_rule(_passed(result) if _key(result) in mended else result for result in results)
        assumed: dict[str, list[Assumption]] = {}
        changed = []
        for vm in vms:
            changed_vm = structs.replace(vm, state=_state_after(vm, mended))
            if _asks_the_guest_anew(changed_vm, after):
                answer = after["VM-ISSTATE"][vm.subject.id]
                after["VM-ISSTATE"][vm.subject.id] = _passed(answer)
                if self._asks_the_guest:
                    assumed.setdefault(vm.subject.id, []).append(Assumption.GUEST_ANSWERS)
            if vm.writer_says in _UNHEARD and ("HOST-WRITER", self.host.subject.id) in mended and self._asks_the_writer:
                assumed.setdefault(vm.subject.id, []).append(Assumption.WRITER_SAYS_ONLINE)
            if vm.writer_says is WriterSays.OFFLINE and self._is_explained_away(vm, changed_vm, before, after):
                changed_vm = structs.replace(changed_vm, writer_says=WriterSays.ONLINE)
                if self._asks_the_writer:
                    assumed.setdefault(vm.subject.id, []).append(Assumption.WRITER_SAYS_ONLINE)
            changed.append(changed_vm)
        everything = [result for of_rule in after.values() for result in of_rule.values()]
        for verdict in judge_vms(self._with(tuple(changed)), everything, self.backup_path):
            yield _with_assumptions(verdict, tuple(assumed.get(verdict.vm_id, ())))

    def _with(self, vms: tuple[VMView, ...]) -> HostView:
        host = copy.copy(self.host)
        host.vms = vms
        return host

    def _is_explained_away(self, vm: VMView, changed: VMView, before: type_of_results, after: type_of_results) -> bool:
        """Whether something explained the writer's "offline" and nothing does any more, or might."""
        if self._column is None or changed.state is not VMState.RUNNING:
            return False
        failed = self._failed(vm, before)
        if vm.state is not VMState.CRITICAL and not any(cell.effect in _EXPLAINS for cell in failed.values()):
            return False
        return not any(cell.effect in _MAY_EXPLAIN for cell in self._failed(changed, after).values())

    def _failed(self, vm: VMView, by_rule: type_of_results) -> Mapping[str, Cell]:
        assert self._column is not None
        of_host: Failures = failures_of_host(self.host, self._column, by_rule)
        return failures_of_vm(vm, self._column, of_host, by_rule).failed


def _column_of_vss(host: HostView) -> Column | None:
    if host.host_class in (HostClass.CLIENT, HostClass.UNKNOWN) or host.build is None:
        return None
    return vss_column(host.build)


def _by_rule(results: Iterable[Result]) -> dict[str, dict[str, Result]]:
    by_rule: dict[str, dict[str, Result]] = {}
    for result in results:
        by_rule.setdefault(result.rule, {})[result.subject_id] = result
    return by_rule


def _key(result: Result) -> type_of_failure:
    return result.rule, result.subject_id


def _passed(result: Result) -> Result:
    return structs.replace(
        result, result=ResultWord.PASS, measured=None, reason=None, fix=None, is_note=False, row=None
    )


def _state_after(vm: VMView, mended: frozenset[type_of_failure]) -> VMState:
    if vm.state is VMState.PAUSED and ("VM-RUN", vm.subject.id) in mended:
        return VMState.RUNNING
    if vm.state is VMState.CRITICAL and ("VM-STORAGE", vm.subject.id) in mended:
        return VMState.RUNNING if vm.facts.state == RUNNING_CRITICAL else VMState.UNKNOWN
    return vm.state


def _asks_the_guest_anew(vm: VMView, by_rule: type_of_results) -> bool:
    """Whether the service can be asked now, and could not be before: it was not offered, or the VM stood still."""
    answer = by_rule.get("VM-ISSTATE", {}).get(vm.subject.id)
    offered = by_rule.get("VM-ISBACKUP", {}).get(vm.subject.id)
    return (
        vm.state is VMState.RUNNING
        and answer is not None
        and answer.result is ResultWord.NOT_APPLICABLE
        and offered is not None
        and offered.result is ResultWord.PASS
    )


def _with_assumptions(verdict: VMVerdict, assumes: tuple[Assumption, ...]) -> Outcome:
    if assumes and verdict.verdict is VerdictWord.LIVE:
        verdict = structs.replace(verdict, confidence=least(verdict.confidence, Confidence.MEDIUM))
    return Outcome(verdict, assumes)
