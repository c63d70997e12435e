"""The verdict for one backup path: the worst failed condition, corrected by the writer's word; green needs evidence."""

from collections.abc import Mapping

from msgspec import Struct

from audits.judgement.conditions import Failures, type_of_results
from audits.judgement.confidence import SURENESS, least
from audits.judgement.matrix import GUEST_OS_CONDITION, VERDICT_OF, Cell, Column, Effect
from audits.judgement.view import VMView
from audits.judgement.words import Confidence, ResultWord, VerdictWord, WriterSays

# Worst first: the order in which verdicts win, and in which causes are told.
WORST_FIRST = (
    VerdictWord.BACKUP_FAILS,
    VerdictWord.SAVED_STATE,
    VerdictWord.CRASH_CONSISTENT,
    VerdictWord.UNKNOWN,
    VerdictWord.LIVE,
)
BADNESS = {word: rank for rank, word in enumerate(WORST_FIRST)}

# "Offline" is the writer's label. That the VM is then saved is likely on 2012 R2 (two sources of three) and not
# confirmed since 2016; before, the label and the saved state are one thing.
_MOST_FOR_OFFLINE = {Column.SERVER_2012_R2: Confidence.MEDIUM, Column.SINCE_2016_VSS: Confidence.LOW}

type_of_judgement = tuple[VerdictWord, Confidence]


class PathVerdict(Struct, frozen=True, gc=False):
    """`causes` maps a failed condition to the badness of its effect, `unread` an unread one to the reason.

    `is_unsourced`: unknown because no source says what a failed condition does.
    """

    word: VerdictWord
    confidence: Confidence
    causes: Mapping[str, int] = {}
    unread: Mapping[str, str] = {}
    conflict: bool = False
    is_unsourced: bool = False


def verdict_on_path(vm: VMView, column: Column, failures: Failures, by_rule: type_of_results) -> PathVerdict:
    """Look every failed condition up; if none decides, ask whether enough was read to say that the VM stays online."""
    is_vss = column is not Column.SINCE_2016_WMI
    # On path vss the writer decides between live and saved; the rules that say otherwise stay as the explanation.
    overruled = is_vss and vm.writer_says is WriterSays.ONLINE
    called_offline = is_vss and vm.writer_says is WriterSays.OFFLINE
    host_unread = failures.unread.keys() - {GUEST_OS_CONDITION}

    certain = {rule_id: cell for rule_id, cell in failures.failed.items() if cell.effect in VERDICT_OF}
    deciding = [cell for cell in certain.values() if not (overruled and _saves(cell))]
    conflict = len(deciding) < len(certain) or (called_offline and not failures.failed and not host_unread)
    unsourced = {rule_id: cell for rule_id, cell in failures.failed.items() if cell.effect is Effect.UNSOURCED}
    cleared = bool(unsourced) and vm.writer_says is WriterSays.ONLINE
    if cleared:
        unsourced = {}
    busy = [rule_id for rule_id, cell in failures.failed.items() if cell.effect is Effect.BUSY]

    causes = {rule_id: BADNESS[VERDICT_OF[cell.effect]] for rule_id, cell in certain.items()}
    causes |= dict.fromkeys((*unsourced, *busy), BADNESS[VerdictWord.UNKNOWN])
    is_blocked = bool(host_unread or busy)
    decided = _worst(deciding, column, called_offline=called_offline)
    guest = _confidence_of_guest(vm, failures, by_rule, is_vss=is_vss)
    word, confidence = decided or (
        (VerdictWord.UNKNOWN, Confidence.NONE)
        if is_blocked
        else _without_failure(unsourced, guest, in_doubt=conflict or cleared)
    )
    return PathVerdict(
        word,
        confidence,
        causes,
        {**failures.unread, **failures.guest_unread},
        conflict,
        is_unsourced=bool(unsourced) and decided is None and not is_blocked,
    )


def _saves(cell: Cell) -> bool:
    return VERDICT_OF[cell.effect] is VerdictWord.SAVED_STATE


def _worst(deciding: list[Cell], column: Column, *, called_offline: bool) -> type_of_judgement | None:
    """The worst verdict, as sure as the surest of those that say so; None when nothing speaks against the VM."""
    verdicts = [(VERDICT_OF[cell.effect], _confidence(cell, column)) for cell in deciding]
    if called_offline:
        verdicts.append((VerdictWord.SAVED_STATE, _MOST_FOR_OFFLINE.get(column, Confidence.HIGH)))
    if not verdicts:
        return None
    return min(verdicts, key=lambda verdict: (BADNESS[verdict[0]], -SURENESS[verdict[1]]))


def _confidence(cell: Cell, column: Column) -> Confidence:
    if cell.effect is Effect.OFFLINE:
        return least(cell.confidence, _MOST_FOR_OFFLINE.get(column, Confidence.HIGH))
    return cell.confidence


def _without_failure(unsourced: Mapping[str, Cell], guest: Confidence | None, *, in_doubt: bool) -> type_of_judgement:
    """Live, if nothing is open and the guest was read or vouched for. `in_doubt`: only the writer says so."""
    if unsourced:
        return VerdictWord.UNKNOWN, least(*(cell.confidence for cell in unsourced.values()))
    if guest is None:
        return VerdictWord.UNKNOWN, Confidence.NONE
    return VerdictWord.LIVE, least(guest, Confidence.MEDIUM) if in_doubt else guest


def _confidence_of_guest(
    vm: VMView, failures: Failures, by_rule: type_of_results, *, is_vss: bool
) -> Confidence | None:
    """How sure the guest's side is: read inside it, else by the writer's word (vss) or a service that answers (wmi)."""
    if not failures.guest_unread and GUEST_OS_CONDITION not in failures.unread:
        return Confidence.HIGH
    if is_vss:
        return Confidence.HIGH if vm.writer_says is WriterSays.ONLINE else None
    answers = by_rule.get("VM-ISSTATE", {}).get(vm.subject.id)
    return Confidence.MEDIUM if answers is not None and answers.result is ResultWord.PASS else None
