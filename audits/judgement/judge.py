"""The one entry point: a host's evidence in, a result per rule and subject and a verdict per VM out."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from audits.judgement.confidence import least
from audits.judgement.contradictions import Contradiction, contradictions_of
from audits.judgement.disagreement import tell_disagreements
from audits.judgement.episodes.episode import BackupWindow, Episode
from audits.judgement.evidence import HostEvidence
from audits.judgement.moments import moment_of
from audits.judgement.result import Result, Subject
from audits.judgement.rule import Rule
from audits.judgement.rules import RULES
from audits.judgement.verdict import judge_vms
from audits.judgement.view import HostView
from audits.judgement.vm_verdict import VMVerdict
from audits.judgement.words import BackupPath, Confidence, HostClass, ResultWord, Scope, Section

HOST = "host"


class Crash(Struct, frozen=True):
    """A rule that raised. The caller logs `error` with its trace; the affected subjects have an `error` result.

    `rule` may also be `contradictions`: the search for them, which has no results.
    """

    rule: str
    error: Exception


class Judgement(Struct, frozen=True):
    """`host` is what was judged, and `backup_path` the setting by which the verdicts chose their headline.

    `saw_all_vms`: the list of VMs is whole, so a VM that is not in it is not on this host. `episodes`: every time in
    the saved state that the evidence shows for VMs of this host, excluded ones included, in the order of the VMs and
    then of time; `episodes_of_others`: of VMs that are not on it now. `contradictions`: where the evidence contradicts
    itself.
    """

    host: HostView
    results: list[Result]
    verdicts: list[VMVerdict]
    crashes: list[Crash]
    saw_all_vms: bool
    backup_path: BackupPath
    episodes: tuple[Episode, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    episodes_of_others: tuple[Episode, ...] = ()


def judge(
    evidence: HostEvidence,
    backup_path: BackupPath = BackupPath.UNKNOWN,
    *,
    host_id: str = HOST,
    host_name: str | None = None,
    now: datetime | None = None,
    backup_windows: Sequence[BackupWindow] = (),
) -> Judgement:
    """Apply every rule, then the verdict table. Never raises for what a host sent.

    `host_id` and `host_name` become the subject of host results. `now` is for ages; without it the host's own
    clock is used, and without that ages are unknown. `backup_windows`: when backups run, as the customer says; they
    move episodes and the observed word, never a verdict. About 5 ms for 50 VMs.
    """
    identity = evidence.identity
    name = host_name or (identity.computer_name if identity else None) or host_id
    clock = now or moment_of(identity.now_at if identity else None)
    host = HostView(evidence, subject=Subject(Scope.HOST, host_id, name), now=clock, backup_windows=backup_windows)
    results: list[Result] = []
    crashes: list[Crash] = []
    for rule in RULES.values():
        _apply(rule, host, results, crashes)
    verdicts = list(judge_vms(host, results, backup_path))
    tell_disagreements(results, verdicts)
    episodes = tuple(episode for vm in host.vms for episode in vm.observation.episodes)
    contradictions = _contradictions(host, crashes)
    return Judgement(
        host,
        results,
        verdicts,
        crashes,
        host.why_vms_unknown is None,
        backup_path,
        episodes,
        contradictions,
        host.episodes_of_others,
    )


def _contradictions(host: HostView, crashes: list[Crash]) -> tuple[Contradiction, ...]:
    try:
        return contradictions_of(host)
    except Exception as error:  # noqa: BLE001 - as a broken rule, it stops nothing; the log has its trace
        crashes.append(Crash("contradictions", error))
        return ()


def _apply(rule: Rule, host: HostView, results: list[Result], crashes: list[Crash]) -> None:
    """Add the rule's results; a rule that raises leaves an `error` for every subject it did not reach."""
    if rule.is_about_guests and not host.has_access_to_guests:
        return
    first = len(results)
    severity = rule.severity_for(host.host_class)
    # Only the words that something unconfirmed makes less sure; most rules have none, and there is a result per VM.
    most_sure = {
        word: cap
        for word in (ResultWord.PASS, ResultWord.FAIL)
        if (cap := rule.most_sure(word, host.host_class)) is not Confidence.HIGH
    }
    if host.host_class is HostClass.UNKNOWN and HostClass.CLIENT not in rule.applies_to:
        reason = f"Windows version not known: {host.why(Section.IDENTITY, 'os_build')}"
        _add_for_all(rule, host, results, ResultWord.UNKNOWN, reason)
        return
    if host.host_class is not HostClass.UNKNOWN and host.host_class not in rule.applies_to:
        _add_for_all(rule, host, results, ResultWord.NOT_APPLICABLE, None)
        return
    try:
        for said in rule.check(host):
            about, word = said.about, said.word
            results.append(
                Result(
                    rule.id,
                    about.type,
                    about.id,
                    about.name,
                    word,
                    said.severity or severity,
                    least(said.confidence, most_sure[word]) if word in most_sure else said.confidence,
                    said.measured,
                    said.reason,
                    rule.fix if word is ResultWord.FAIL else None,
                    said.is_note,
                    said.row,
                )
            )
    except Exception as error:  # noqa: BLE001 - a broken rule must not stop the others; it becomes a result
        crashes.append(Crash(rule.id, error))
        reached = {result.subject_id for result in results[first:]}
        _add_for_all(rule, host, results, ResultWord.ERROR, f"the rule crashed: {type(error).__name__}", reached)
        return
    why = host.why_vms_unknown if rule.scope is Scope.VM else None
    if rule.scope is Scope.VOLUME and Section.VOLUMES in rule.needs:
        why = host.why_volumes_unknown
    if why is not None and host.subject.id not in {result.subject_id for result in results[first:]}:
        _add(rule, host.subject, host, results, ResultWord.UNKNOWN, why)


def _add_for_all(
    rule: Rule,
    host: HostView,
    results: list[Result],
    word: ResultWord,
    reason: str | None,
    but_not: frozenset[str] | set[str] = frozenset(),
) -> None:
    subjects: list[Subject] = [host.subject]
    if rule.is_about_guests and host.why_guests_unread is None:
        subjects = [vm.subject for vm in host.vms if vm.inside is not None]
    elif rule.scope is Scope.VM and host.vms:
        subjects = [vm.subject for vm in host.vms]
    elif rule.scope is Scope.VOLUME and host.volumes:
        subjects = [volume.subject for volume in host.volumes]
    for subject in subjects:
        if subject.id not in but_not:
            _add(rule, subject, host, results, word, reason)


def _add(
    rule: Rule, subject: Subject, host: HostView, results: list[Result], word: ResultWord, reason: str | None
) -> None:
    confidence = Confidence.HIGH if word is ResultWord.NOT_APPLICABLE else Confidence.NONE
    severity = rule.severity_for(host.host_class)
    results.append(Result(rule.id, subject.type, subject.id, subject.name, word, severity, confidence, None, reason))
