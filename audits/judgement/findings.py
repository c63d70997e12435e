"""What changed between two audits of a host: results stored before against results found now."""

from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b

import msgspec
from msgspec import Struct

from audits.judgement.judge import Judgement
from audits.judgement.result import Result
from audits.judgement.rules import RULES
from audits.judgement.words import Confidence, ResultWord, Scope, Section, Severity

NOT_KNOWING = (ResultWord.UNKNOWN, ResultWord.ERROR)


class Key(Struct, frozen=True, order=True, gc=False):
    """What makes two results the same finding: never the message, never the node."""

    rule: str
    subject_type: Scope
    subject_id: str


class PreviousResult(Struct, frozen=True, kw_only=True, gc=False):
    """A stored result: the last known one where a later audit could not read."""

    result: ResultWord
    severity: Severity
    confidence: Confidence
    subject: str
    measured: str | None = None
    reason: str | None = None
    fix: str | None = None


class Changed(Struct, frozen=True, gc=False):
    """A transition: the old interval closes now, a new one opens."""

    key: Key
    previous: PreviousResult
    now: Result


class Refreshed(Struct, frozen=True, gc=False):
    """The same result again, with a new measured value, name or confidence. Starts no interval."""

    key: Key
    now: Result


class Kept(Struct, frozen=True, gc=False):
    """Known before, not known now: the last known result stays, with its age. `now` None: its section was not read."""

    key: Key
    previous: PreviousResult
    now: Result | None


class Changes(Struct, frozen=True, kw_only=True):
    """Every key is in exactly one list; `same` only counts, as nothing has to be written for those."""

    inserted: list[Result]
    changed: list[Changed]
    refreshed: list[Refreshed]
    kept: list[Kept]
    gone: list[Key]
    same: int


def key_of(result: Result) -> Key:
    return Key(result.rule, result.subject_type, result.subject_id)


def reconcile(
    previous: Mapping[Key, PreviousResult],
    results: Iterable[Result],
    sections_read: Collection[Section],
    *,
    saw_whole_home: bool,
) -> Changes:
    """Compare by key. `sections_read` are those that ended ok. `saw_whole_home`: every node of the VM's home was read
    with a whole list of VMs, so that a VM which is in none is gone; without it no result of a VM disappears.
    """
    changes = Changes(inserted=[], changed=[], refreshed=[], kept=[], gone=[], same=0)
    same = 0
    seen: set[Key] = set()
    blind_rules: set[str] = set()  # said "unknown" of the host instead of its VMs or volumes: the list was not read
    for now in results:
        key = key_of(now)
        seen.add(key)
        if now.result in NOT_KNOWING and now.subject_type is Scope.HOST and RULES[now.rule].scope is not Scope.HOST:
            blind_rules.add(now.rule)
        before = previous.get(key)
        if before is None:
            changes.inserted.append(now)
        elif now.result in NOT_KNOWING and before.result not in NOT_KNOWING:
            changes.kept.append(Kept(key, before, now))
        elif _is_transition(before, now):
            changes.changed.append(Changed(key, before, now))
        elif _is_worth_refreshing(before, now):
            changes.refreshed.append(Refreshed(key, now))
        else:
            same += 1
    for key, before in previous.items():
        if key in seen:
            continue
        if _is_gone(key, blind_rules, sections_read, saw_whole_home=saw_whole_home):
            changes.gone.append(key)
        else:
            changes.kept.append(Kept(key, before, None))
    return msgspec.structs.replace(changes, same=same)


def digest(judgement: Judgement) -> str:
    """32 hex digits over all results and verdicts: equal to the stored one, there is nothing to write for this host.

    Rule versions are part of it, so a rule that learned something is written anew. Costs about 0.6 µs a result.
    """
    versions = [(rule.id, rule.version) for rule in RULES.values()]
    told = msgspec.msgpack.encode((versions, judgement.results, judgement.verdicts, judgement.saw_all_vms))
    return blake2b(told, digest_size=16).hexdigest()


def _is_transition(before: PreviousResult, now: Result) -> bool:
    """Result, severity, or cause: why something is not known is its cause."""
    if before.result is not now.result or before.severity is not now.severity:
        return True
    return now.result in NOT_KNOWING and before.reason != now.reason


def _is_worth_refreshing(before: PreviousResult, now: Result) -> bool:
    return (before.measured, before.reason, before.subject, before.confidence, before.fix) != (
        now.measured,
        now.reason,
        now.subject,
        now.confidence,
        now.fix,
    )


def _is_gone(
    key: Key, blind_rules: Collection[str], sections_read: Collection[Section], *, saw_whole_home: bool
) -> bool:
    """Absence proves something only where everything that the rule needs was read, and all of it."""
    rule = RULES.get(key.rule)
    if rule is None:
        return True  # a rule that was removed leaves nothing behind
    if key.subject_type is Scope.VM and not saw_whole_home:
        return False
    return key.rule not in blind_rules and set(rule.needs) <= set(sections_read)
