"""The verdict on a VM: failed conditions looked up in the matrix, the worst wins, and green needs evidence."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, structs

from audits.judgement.catalogue import POSITION
from audits.judgement.matrix import (
    GUEST_CONDITIONS,
    GUEST_OS_CONDITION,
    MATRIX,
    VERDICT_OF,
    Cell,
    Column,
    Effect,
    vss_column,
)
from audits.judgement.result import Result
from audits.judgement.rules import RULES
from audits.judgement.sentences import sentence_for
from audits.judgement.view import HostView, VMView
from audits.judgement.vm_state import state_in_words
from audits.judgement.vm_verdict import VMVerdict
from audits.judgement.words import (
    BackupPath,
    Confidence,
    HostClass,
    ResultWord,
    Scope,
    Section,
    VerdictWord,
    VMState,
    WriterSays,
)

GUEST_NOT_READ = "guest not read"

# Worst first: the order in which verdicts win, and in which causes are told.
WORST_FIRST = (
    VerdictWord.BACKUP_FAILS,
    VerdictWord.SAVED_STATE,
    VerdictWord.CRASH_CONSISTENT,
    VerdictWord.UNKNOWN,
    VerdictWord.LIVE,
)
BADNESS = {word: rank for rank, word in enumerate(WORST_FIRST)}
SURENESS = {Confidence.HIGH: 3, Confidence.MEDIUM: 2, Confidence.LOW: 1, Confidence.NONE: 0}

# "Offline" is the writer's label. That the VM is then saved is likely on 2012 R2 (two sources of three) and not
# confirmed since 2016; before, the label and the saved state are one thing.
OFFLINE_LABEL_CONFIDENCE = {
    Column.SERVER_2012_R2: Confidence.MEDIUM,
    Column.SINCE_2016_VSS: Confidence.LOW,
    Column.SINCE_2016_WMI: Confidence.LOW,
}


class PathVerdict(Struct, frozen=True, gc=False):
    """The verdict for one path. `causes` maps a failed condition to the badness of its effect."""

    word: VerdictWord
    confidence: Confidence
    causes: Mapping[str, int] = {}
    unread: Mapping[str, str] = {}
    conflict: bool = False
    unsourced: bool = False


class Findings(Struct, frozen=True):
    """Failed and unread conditions of one subject: the host's are shared by all of its VMs."""

    failed: tuple[tuple[str, Cell], ...] = ()
    unread: tuple[tuple[str, str], ...] = ()


type_of_results = Mapping[str, Mapping[str, Result]]


class Conditions(Struct, frozen=True):
    """The conditions of one column that a built rule reads on the host, with the cell of each."""

    of_vm: tuple[tuple[str, Cell], ...]
    of_volume: tuple[tuple[str, Cell], ...]
    of_host: tuple[tuple[str, Cell], ...]


def _conditions(column: Column) -> Conditions:
    def those(scope: Scope) -> tuple[tuple[str, Cell], ...]:
        return tuple(
            (rule.id, MATRIX[rule.id][column])
            for rule in RULES.values()
            if rule.scope is scope and rule.id in MATRIX and MATRIX[rule.id][column].matters
        )

    return Conditions(those(Scope.VM), those(Scope.VOLUME), those(Scope.HOST))


CONDITIONS: dict[Column, Conditions] = {column: _conditions(column) for column in Column}
_GUEST_UNREAD = {column: dict.fromkeys(ids, GUEST_NOT_READ) for column, ids in GUEST_CONDITIONS.items()}


def judge_vms(host: HostView, results: Iterable[Result], backup_path: BackupPath) -> Iterator[VMVerdict]:
    """One verdict per VM of the host. Costs a few look-ups per condition and path."""
    by_rule: dict[str, dict[str, Result]] = {}
    for result in results:
        by_rule.setdefault(result.rule, {})[result.subject_id] = result
    columns = columns_of(host)
    of_host = {column: _host_findings(host, column, by_rule) for column in columns}
    for vm in host.vms:
        yield _judge_vm(host, vm, columns, of_host, by_rule, backup_path)


def columns_of(host: HostView) -> tuple[Column, ...]:
    """The columns that speak about this host: one up to 2012 R2, both paths since 2016, none for other Windows."""
    if host.host_class in (HostClass.CLIENT, HostClass.UNKNOWN) or host.build is None:
        return ()
    vss = vss_column(host.build)
    return (vss, Column.SINCE_2016_WMI) if host.host_class is HostClass.C else (vss,)


def _judge_vm(
    host: HostView,
    vm: VMView,
    columns: tuple[Column, ...],
    of_host: Mapping[Column, Findings],
    by_rule: type_of_results,
    backup_path: BackupPath,
) -> VMVerdict:
    has_wmi = Column.SINCE_2016_WMI in columns
    settled = _settled_by_state(host, vm) or (None if columns else _settled_by_windows(host))
    if settled is not None:
        return _headline(vm, host.host_class, settled, settled if has_wmi else None, backup_path)
    vss = _on_path(vm, columns[0], _findings(vm, columns[0], of_host[columns[0]], by_rule), by_rule)
    wmi = None
    if has_wmi:
        column = Column.SINCE_2016_WMI
        wmi = _on_path(vm, column, _findings(vm, column, of_host[column], by_rule), by_rule)
    return _headline(vm, host.host_class, vss, wmi, backup_path)


def _settled_by_state(host: HostView, vm: VMView) -> PathVerdict | None:
    """Off or saved is already offline; a VM on its way somewhere is asked again. Nothing else is looked at."""
    if vm.state in (VMState.OFF, VMState.SAVED):
        return PathVerdict(VerdictWord.ALREADY_OFFLINE, Confidence.HIGH)
    if vm.state is VMState.UNKNOWN:
        return PathVerdict(VerdictWord.UNKNOWN, Confidence.NONE, {}, {"VM-RUN": host.why(Section.VMS, "vms.state")})
    if vm.state is VMState.TRANSITIONAL:
        reason = f"the VM is {state_in_words(vm.facts.state)}: ask again when it has settled"
        return PathVerdict(VerdictWord.UNKNOWN, Confidence.NONE, {}, {"VM-RUN": reason})
    return None


def _settled_by_windows(host: HostView) -> PathVerdict:
    """Client Windows has no Hyper-V writer and no row in the matrix; without a build there is no column to look in."""
    if host.host_class is HostClass.CLIENT:
        reason = "client Windows has no Hyper-V VSS writer, and no source says what a backup does to its VMs"
        return PathVerdict(VerdictWord.UNKNOWN, Confidence.NONE, {}, {"HOST-SKU": reason}, unsourced=True)
    reason = host.why(Section.IDENTITY, "os_build")
    return PathVerdict(VerdictWord.UNKNOWN, Confidence.NONE, {}, {"HOST-SKU": f"Windows version not known: {reason}"})


def _sort(conditions: Iterable[tuple[str, Cell]], subject_id: str, by_rule: type_of_results) -> Findings:
    """Which conditions failed and which could not be read. A failure that is only a note is neither."""
    failed: list[tuple[str, Cell]] = []
    unread: list[tuple[str, str]] = []
    for rule_id, cell in conditions:
        result = by_rule.get(rule_id, {}).get(subject_id)
        if result is None:
            unread.append((rule_id, "no result"))
        elif result.result is ResultWord.FAIL:
            if not result.is_note:
                failed.append((rule_id, cell))
        elif result.result in (ResultWord.UNKNOWN, ResultWord.ERROR):
            unread.append((rule_id, result.reason or "no reason given"))
    return Findings(tuple(failed), tuple(unread))


def _host_findings(host: HostView, column: Column, by_rule: type_of_results) -> Findings:
    return _sort(CONDITIONS[column].of_host, host.subject.id, by_rule)


def _findings(vm: VMView, column: Column, of_host: Findings, by_rule: type_of_results) -> Findings:
    """The VM's own conditions, those of the volumes it lies on, and those of its host."""
    conditions = CONDITIONS[column]
    own = _sort(conditions.of_vm, vm.subject.id, by_rule)
    failed, unread = dict(own.failed), dict(own.unread)
    for volume in vm.volumes:
        of_volume = _sort(conditions.of_volume, volume.subject.id, by_rule)
        failed |= of_volume.failed
        unread |= of_volume.unread
    if vm.why_volumes_unknown is not None:
        unread |= {rule_id: vm.why_volumes_unknown for rule_id, _ in conditions.of_volume}
    return Findings((*failed.items(), *of_host.failed), (*unread.items(), *of_host.unread))


def _on_path(vm: VMView, column: Column, findings: Findings, by_rule: type_of_results) -> PathVerdict:
    is_vss = column is not Column.SINCE_2016_WMI
    says = vm.writer_says
    certain = [(rule_id, cell) for rule_id, cell in findings.failed if cell.effect in VERDICT_OF]
    unsourced = [(rule_id, cell) for rule_id, cell in findings.failed if cell.effect is Effect.UNSOURCED]
    busy = [rule_id for rule_id, cell in findings.failed if cell.effect is Effect.BUSY]
    host_unread = {rule_id: reason for rule_id, reason in findings.unread if rule_id != GUEST_OS_CONDITION}

    # On path vss the writer decides between live and saved; the rules that say otherwise stay as the explanation.
    overruled = is_vss and says is WriterSays.ONLINE
    deciding = [
        (rule_id, cell)
        for rule_id, cell in certain
        if not (overruled and VERDICT_OF[cell.effect] is VerdictWord.SAVED_STATE)
    ]
    conflict = len(deciding) < len(certain)
    cleared = says is WriterSays.ONLINE and bool(unsourced)
    if cleared:
        unsourced = []

    verdicts = [(VERDICT_OF[cell.effect], _confidence(cell, column)) for _, cell in deciding]
    if is_vss and says is WriterSays.OFFLINE:
        verdicts.append((VerdictWord.SAVED_STATE, OFFLINE_LABEL_CONFIDENCE.get(column, Confidence.HIGH)))
        conflict = conflict or not (findings.failed or host_unread)

    causes = {rule_id: BADNESS[VERDICT_OF[cell.effect]] for rule_id, cell in certain}
    causes |= dict.fromkeys((*(rule_id for rule_id, _ in unsourced), *busy), BADNESS[VerdictWord.UNKNOWN])
    unread = dict(findings.unread) | _GUEST_UNREAD[column]

    if verdicts:
        word = min((verdict for verdict, _ in verdicts), key=BADNESS.__getitem__)
        confidence = max((sure for verdict, sure in verdicts if verdict is word), key=SURENESS.__getitem__)
        return PathVerdict(word, confidence, causes, unread, conflict)
    if host_unread or busy:
        return PathVerdict(VerdictWord.UNKNOWN, Confidence.NONE, causes, unread, conflict)
    if unsourced:
        least = min((cell.confidence for _, cell in unsourced), key=SURENESS.__getitem__)
        return PathVerdict(VerdictWord.UNKNOWN, least, causes, unread, conflict, unsourced=True)
    confidence_of_guest = _guest_counts_as_read(vm, is_vss, by_rule)
    if confidence_of_guest is None:
        return PathVerdict(VerdictWord.UNKNOWN, Confidence.NONE, causes, unread, conflict)
    if conflict or cleared:
        confidence_of_guest = _least(confidence_of_guest, Confidence.MEDIUM)
    return PathVerdict(VerdictWord.LIVE, confidence_of_guest, causes, unread, conflict)


def _guest_counts_as_read(vm: VMView, is_vss: bool, by_rule: type_of_results) -> Confidence | None:
    """What stands in for reading the guest: on path vss the writer, on path wmi a service that answers."""
    if is_vss:
        return Confidence.HIGH if vm.writer_says is WriterSays.ONLINE else None
    answers = by_rule.get("VM-ISSTATE", {}).get(vm.subject.id)
    return Confidence.MEDIUM if answers is not None and answers.result is ResultWord.PASS else None


def _confidence(cell: Cell, column: Column) -> Confidence:
    if cell.effect is Effect.OFFLINE:
        return _least(cell.confidence, OFFLINE_LABEL_CONFIDENCE.get(column, Confidence.HIGH))
    return cell.confidence


def _least(*confidences: Confidence) -> Confidence:
    return min(confidences, key=SURENESS.__getitem__)


def _headline(
    vm: VMView, host_class: HostClass, vss: PathVerdict, wmi: PathVerdict | None, backup_path: BackupPath
) -> VMVerdict:
    """Choose by the backup path; where it is not known and matters, the worse of both, confidence low at most."""
    looked_at: tuple[PathVerdict, ...]
    if wmi is None or backup_path is BackupPath.VSS:
        looked_at = (vss,)
    else:
        looked_at = (wmi,) if backup_path is BackupPath.WMI else (vss, wmi)
    chosen = min(looked_at, key=lambda path: BADNESS.get(path.word, 0))
    confidence = chosen.confidence
    if len(looked_at) == 2 and chosen.word is not VerdictWord.ALREADY_OFFLINE:
        same = [path.confidence for path in looked_at if path.word is chosen.word]
        confidence = _least(*same, Confidence.LOW)
    causes: dict[str, int] = {}
    unread: dict[str, str] = {}
    for path in looked_at:
        for rule_id, badness in path.causes.items():
            causes[rule_id] = min(badness, causes.get(rule_id, badness))
        unread |= path.unread
    unknowns = sorted(unread, key=POSITION.__getitem__)
    verdict = VMVerdict(
        vm_id=vm.subject.id,
        vm=vm.subject.name,
        vm_state=vm.state,
        verdict=chosen.word,
        verdict_vss=vss.word,
        verdict_wmi=wmi.word if wmi else None,
        confidence=confidence,
        depends_on_backup_path=len(looked_at) == 2 and vss.word is not (wmi.word if wmi else None),
        conflict=any(path.conflict for path in looked_at),
        writer_says=vm.writer_says,
        causes=tuple(sorted(causes, key=lambda rule_id: (causes[rule_id], POSITION[rule_id]))),
        unknowns=tuple(unknowns),
        unknown_reasons=tuple(unread[rule_id] for rule_id in unknowns),
        host_side_ready=_is_host_side_ready(chosen, causes, unread),
        sentence="",
    )
    return structs.replace(verdict, sentence=sentence_for(verdict, host_class, unsourced=chosen.unsourced))


def _is_host_side_ready(chosen: PathVerdict, causes: Mapping[str, int], unread: Mapping[str, str]) -> bool:
    return (
        chosen.word is VerdictWord.UNKNOWN
        and bool(unread)
        and not causes
        and all(rule_id.startswith("G-") or rule_id == GUEST_OS_CONDITION for rule_id in unread)
    )
