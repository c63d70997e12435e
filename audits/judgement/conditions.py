"""The conditions of a live backup on one column of the matrix, and which of them a VM fails or leaves unread."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from audits.judgement.matrix import MATRIX, Cell, Column
from audits.judgement.result import Result
from audits.judgement.rules import RULES
from audits.judgement.view import HostView, VMView
from audits.judgement.words import ResultWord, Scope

type_of_results = Mapping[str, Mapping[str, Result]]


class Conditions(Struct, frozen=True):
    """The conditions of one column that a built rule reads on the host, with the cell of each."""

    of_vm: tuple[tuple[str, Cell], ...]
    of_volume: tuple[tuple[str, Cell], ...]
    of_host: tuple[tuple[str, Cell], ...]


class Failures(Struct, frozen=True):
    """Failed conditions with their cells, and unread ones with the reason. A host's are shared by all of its VMs."""

    failed: Mapping[str, Cell]
    unread: Mapping[str, str]


def _conditions(column: Column) -> Conditions:
    def those(scope: Scope) -> tuple[tuple[str, Cell], ...]:
        return tuple(
            (rule.id, MATRIX[rule.id][column])
            for rule in RULES.values()
            if rule.scope is scope and rule.id in MATRIX and MATRIX[rule.id][column].matters
        )

    return Conditions(those(Scope.VM), those(Scope.VOLUME), those(Scope.HOST))


CONDITIONS: dict[Column, Conditions] = {column: _conditions(column) for column in Column}


def failures_of_host(host: HostView, column: Column, by_rule: type_of_results) -> Failures:
    return _failures(CONDITIONS[column].of_host, host.subject.id, by_rule)


def failures_of_vm(vm: VMView, column: Column, of_host: Failures, by_rule: type_of_results) -> Failures:
    """The VM's own conditions, those of the volumes it lies on, and those of its host."""
    conditions = CONDITIONS[column]
    own = _failures(conditions.of_vm, vm.subject.id, by_rule)
    failed, unread = {**own.failed, **of_host.failed}, {**own.unread, **of_host.unread}
    for volume in vm.volumes:
        of_volume = _failures(conditions.of_volume, volume.subject.id, by_rule)
        failed |= of_volume.failed
        unread |= of_volume.unread
    if vm.why_volumes_unknown is not None:
        unread |= {rule_id: vm.why_volumes_unknown for rule_id, _ in conditions.of_volume}
    return Failures(failed, unread)


def _failures(conditions: Iterable[tuple[str, Cell]], subject_id: str, by_rule: type_of_results) -> Failures:
    """A failure that is only a note is neither failed nor unread; an absent result is unread."""
    failed: dict[str, Cell] = {}
    unread: dict[str, str] = {}
    for rule_id, cell in conditions:
        result = by_rule.get(rule_id, {}).get(subject_id)
        if result is None:
            unread[rule_id] = "no result"
        elif result.result is ResultWord.FAIL:
            if not result.is_note:
                failed[rule_id] = cell
        elif result.result in (ResultWord.UNKNOWN, ResultWord.ERROR):
            unread[rule_id] = result.reason or "no reason given"
    return Failures(failed, unread)
