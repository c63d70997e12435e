"""The conditions of a live backup on one column of the matrix, and which of them a VM fails or leaves unread."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from audits.judgement.inside_guest import ASKED_BY_THE_WRITER, NO_ACCESS
from audits.judgement.matrix import EVERY_GUEST_CONDITION, GUEST_CONDITIONS, MATRIX, NO_EFFECT, Cell, Column
from audits.judgement.result import Result
from audits.judgement.rules import RULES
from audits.judgement.view import HostView, VMView
from audits.judgement.words import ResultWord, Scope, WriterSays

type_of_results = Mapping[str, Mapping[str, Result]]


class Conditions(Struct, frozen=True):
    """The conditions of one column with the cell of each. Those of the guest may have none: read they must be."""

    of_vm: tuple[tuple[str, Cell], ...]
    of_volume: tuple[tuple[str, Cell], ...]
    of_host: tuple[tuple[str, Cell], ...]
    of_guest: tuple[tuple[str, Cell], ...]


class Failures(Struct, frozen=True):
    """Failed conditions with their cells, and unread ones with the reason. A host's are shared by all of its VMs.

    `guest_unread`: the guest's conditions that nobody read inside it. Something may stand in for them.
    """

    failed: Mapping[str, Cell]
    unread: Mapping[str, str]
    guest_unread: Mapping[str, str]


def _conditions(column: Column) -> Conditions:
    in_guest = GUEST_CONDITIONS[column]

    def those(scope: Scope) -> tuple[tuple[str, Cell], ...]:
        return tuple(
            (rule.id, MATRIX[rule.id][column])
            for rule in RULES.values()
            if rule.scope is scope and rule.id in MATRIX and MATRIX[rule.id][column].matters
            if rule.id not in EVERY_GUEST_CONDITION
        )

    of_guest = tuple((rule_id, MATRIX[rule_id][column] if rule_id in MATRIX else NO_EFFECT) for rule_id in in_guest)
    return Conditions(those(Scope.VM), those(Scope.VOLUME), those(Scope.HOST), of_guest)


_SPOKEN = frozenset({WriterSays.ONLINE, WriterSays.OFFLINE})
_ASKED_BY_THE_WRITER = {column: dict.fromkeys(GUEST_CONDITIONS[column], ASKED_BY_THE_WRITER) for column in Column}
CONDITIONS: dict[Column, Conditions] = {column: _conditions(column) for column in Column}


def failures_of_host(host: HostView, column: Column, by_rule: type_of_results) -> Failures:
    """The host's own conditions, and the reason why its guests were not read, where they were not."""
    failed, unread = _failures(CONDITIONS[column].of_host, column, host.subject.id, by_rule)
    reason = host.why_guests_unread or NO_ACCESS
    return Failures(failed, unread, dict.fromkeys(GUEST_CONDITIONS[column], reason))


def failures_of_vm(vm: VMView, column: Column, of_host: Failures, by_rule: type_of_results) -> Failures:
    """The VM's own conditions, those inside its guest, of the volumes it lies on, and of its host."""
    conditions = CONDITIONS[column]
    failed, unread = _failures(conditions.of_vm, column, vm.subject.id, by_rule)
    failed |= of_host.failed
    unread |= of_host.unread
    for volume in vm.volumes:
        failed_there, unread_there = _failures(conditions.of_volume, column, volume.subject.id, by_rule)
        failed |= failed_there
        unread |= unread_there
    if vm.why_volumes_unknown is not None:
        unread |= {rule_id: vm.why_volumes_unknown for rule_id, _ in conditions.of_volume}
    guest_unread = of_host.guest_unread
    if vm.writer_says in _SPOKEN and NO_ACCESS in guest_unread.values():
        guest_unread = _ASKED_BY_THE_WRITER[column]
    if vm.inside is not None:
        failed_inside, guest_unread = _failures(conditions.of_guest, column, vm.subject.id, by_rule)
        failed |= failed_inside
    return Failures(failed, unread, guest_unread)


def _failures(
    conditions: Iterable[tuple[str, Cell]], column: Column, subject_id: str, by_rule: type_of_results
) -> tuple[dict[str, Cell], dict[str, str]]:
    """A failure that is only a note is neither failed nor unread; an absent result is unread.

    What a rule says with a row of its own in the matrix is judged by that row, whatever the word.
    """
    failed: dict[str, Cell] = {}
    unread: dict[str, str] = {}
    for rule_id, own_cell in conditions:
        result = by_rule.get(rule_id, {}).get(subject_id)
        if result is None:
            unread[rule_id] = "no result"
            continue
        cell = own_cell if result.row is None else MATRIX[result.row][column]
        if result.result is ResultWord.FAIL or result.row is not None:
            if cell.matters and not result.is_note:
                failed[rule_id] = cell
        elif result.result in (ResultWord.UNKNOWN, ResultWord.ERROR):
            unread[rule_id] = result.reason or "no reason given"
    return failed, unread
