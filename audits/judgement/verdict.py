"""The verdict on a VM: settled by its state, or judged on both backup paths, of which one is the headline.

The table itself is `matrix.MATRIX`, what it makes of one path is in `path_verdict`.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import structs

from audits.judgement.catalogue import POSITION
from audits.judgement.conditions import Failures, failures_of_host, failures_of_vm, type_of_results
from audits.judgement.confidence import least
from audits.judgement.disagreement import words_of_disagreement
from audits.judgement.matrix import GUEST_OS_CONDITION, Column, vss_column
from audits.judgement.path_verdict import BADNESS, PathVerdict, verdict_on_path
from audits.judgement.result import Result
from audits.judgement.sentences import sentence_for
from audits.judgement.view import HostView, VMView
from audits.judgement.vm_state import state_in_words
from audits.judgement.vm_verdict import VMVerdict
from audits.judgement.words import BackupPath, Confidence, HostClass, Section, VerdictWord, VMState


def judge_vms(host: HostView, results: Iterable[Result], backup_path: BackupPath) -> Iterator[VMVerdict]:
    """One verdict per VM of the host. Costs a few look-ups per condition and path."""
    by_rule: dict[str, dict[str, Result]] = {}
    for result in results:
        by_rule.setdefault(result.rule, {})[result.subject_id] = result
    of_host = {column: failures_of_host(host, column, by_rule) for column in _columns_of(host)}
    for vm in host.vms:
        vss, wmi = _on_both_paths(host, vm, of_host, by_rule)
        yield _headline(vm, host.host_class, vss, wmi, backup_path)


def _columns_of(host: HostView) -> tuple[Column, ...]:
    """The columns that speak about this host: one up to 2012 R2, both paths since 2016, none for other Windows."""
    if host.host_class in (HostClass.CLIENT, HostClass.UNKNOWN) or host.build is None:
        return ()
    vss = vss_column(host.build)
    return (vss, Column.SINCE_2016_WMI) if host.host_class is HostClass.C else (vss,)


def _on_both_paths(
    host: HostView, vm: VMView, of_host: Mapping[Column, Failures], by_rule: type_of_results
) -> tuple[PathVerdict, PathVerdict | None]:
    settled = _settled_by_state(host, vm) or (None if of_host else _settled_by_windows(host))
    if settled is not None:
        return settled, settled if Column.SINCE_2016_WMI in of_host else None
    vss, *wmi = (
        verdict_on_path(vm, column, failures_of_vm(vm, column, failures, by_rule), by_rule)
        for column, failures in of_host.items()
    )
    return vss, wmi[0] if wmi else None


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
    """Client Windows has no Hyper-V writer and no row in the matrix; without a build there is no column to look in.

    HOST-SKU is no condition of a live backup, so it is no cause: it stands among the unknowns with the reason.
    """
    if host.host_class is HostClass.CLIENT:
        reason = "client Windows has no Hyper-V VSS writer, and no source says what a backup does to its VMs"
        return PathVerdict(VerdictWord.UNKNOWN, Confidence.NONE, {}, {"HOST-SKU": reason}, is_unsourced=True)
    reason = f"Windows version not known: {host.why(Section.IDENTITY, 'os_build')}"
    return PathVerdict(VerdictWord.UNKNOWN, Confidence.NONE, {}, {"HOST-SKU": reason})


def _headline(
    vm: VMView, host_class: HostClass, vss: PathVerdict, wmi: PathVerdict | None, backup_path: BackupPath
) -> VMVerdict:
    """Choose by the backup path; where it is not known and matters, the worse of both, confidence low at most."""
    looked_at = _paths_that_count(vss, wmi, backup_path)
    chosen = min(looked_at, key=lambda path: BADNESS.get(path.word, 0))
    causes: dict[str, int] = {}
    unread: dict[str, str] = {}
    for path in looked_at:
        unread |= path.unread
        for rule_id, badness in path.causes.items():
            causes[rule_id] = min(badness, causes.get(rule_id, badness))
    unknowns = sorted(unread, key=POSITION.__getitem__)
    verdict = VMVerdict(
        vm_id=vm.subject.id,
        vm=vm.subject.name,
        vm_state=vm.state,
        verdict=chosen.word,
        verdict_vss=vss.word,
        verdict_wmi=wmi.word if wmi else None,
        confidence=_confidence_of(chosen, looked_at),
        depends_on_backup_path=len({path.word for path in looked_at}) > 1,
        conflict=any(path.conflict for path in looked_at),
        disagreement=_disagreement(vm, vss),
        writer_says=vm.writer_says,
        observed=vm.observation.word,
        observed_reason=vm.observation.reason,
        causes=tuple(sorted(causes, key=lambda rule_id: (causes[rule_id], POSITION[rule_id]))),
        unknowns=tuple(unknowns),
        unknown_reasons=tuple(unread[rule_id] for rule_id in unknowns),
        host_side_ready=chosen.word is VerdictWord.UNKNOWN and not causes and _is_only_about_the_guest(unknowns),
        sentence="",
    )
    return structs.replace(verdict, sentence=sentence_for(verdict, host_class, is_unsourced=chosen.is_unsourced))


def _disagreement(vm: VMView, vss: PathVerdict) -> str | None:
    if not vss.conflict:
        return None
    against = [rule_id for rule_id, badness in vss.causes.items() if badness == BADNESS[VerdictWord.SAVED_STATE]]
    return words_of_disagreement(vm.writer_says, sorted(against, key=POSITION.__getitem__), vss.unread)


def _paths_that_count(vss: PathVerdict, wmi: PathVerdict | None, backup_path: BackupPath) -> tuple[PathVerdict, ...]:
    if wmi is None or backup_path is BackupPath.VSS:
        return (vss,)
    return (wmi,) if backup_path is BackupPath.WMI else (vss, wmi)


def _confidence_of(chosen: PathVerdict, looked_at: tuple[PathVerdict, ...]) -> Confidence:
    if len(looked_at) == 1 or chosen.word is VerdictWord.ALREADY_OFFLINE:
        return chosen.confidence
    return least(Confidence.LOW, *(path.confidence for path in looked_at if path.word is chosen.word))


def _is_only_about_the_guest(unknowns: list[str]) -> bool:
    return bool(unknowns) and all(rule_id.startswith("G-") or rule_id == GUEST_OS_CONDITION for rule_id in unknowns)
