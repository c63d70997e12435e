"""What a rule says: a statement while it speaks, a result once the rule's own facts are added."""

from typing import Protocol

from msgspec import Struct

from audits.judgement.words import Confidence, ResultWord, Scope, Severity


class Subject(Struct, frozen=True, gc=False):
    """Whom a result is about. `id` is stable, `name` may change."""

    type: Scope
    id: str
    name: str


class About(Protocol):
    """Anything that a rule can speak about: the host, one of its VMs, one of its volumes."""

    @property
    def subject(self) -> Subject: ...


class Statement(Struct, frozen=True, gc=False):
    """One sentence of a rule. `severity` None: the rule's own for this host class.

    `row`: the row of the matrix that says what this does, where it is not the rule's own.
    """

    about: Subject
    word: ResultWord
    measured: str | None = None
    reason: str | None = None
    severity: Severity | None = None
    confidence: Confidence = Confidence.HIGH
    is_note: bool = False
    row: str | None = None


class Result(Struct, frozen=True, gc=False):
    """What one rule says of one subject now. `fail` has `measured`, `unknown` and `error` have `reason`.

    `severity` of anything but a failure is what a failure would have. `is_note`: a failure that no row of the
    matrix speaks about (a heuristic threshold, a setting without effect on backups); the verdict ignores it.
    `row`: the row of the matrix, where it is not the one named like the rule.
    """

    rule: str
    subject_type: Scope
    subject_id: str
    subject: str
    result: ResultWord
    severity: Severity
    confidence: Confidence
    measured: str | None = None
    reason: str | None = None
    fix: str | None = None
    is_note: bool = False
    row: str | None = None


def passed(about: About, measured: str | None = None, *, confidence: Confidence = Confidence.HIGH) -> Statement:
    return Statement(about.subject, ResultWord.PASS, measured, None, None, confidence)


def failed(
    about: About,
    *,
    measured: str,
    severity: Severity | None = None,
    confidence: Confidence = Confidence.HIGH,
    is_note: bool = False,
) -> Statement:
    return Statement(about.subject, ResultWord.FAIL, measured, None, severity, confidence, is_note)


def unknown(about: About, reason: str, severity: Severity | None = None, *, row: str | None = None) -> Statement:
    return Statement(about.subject, ResultWord.UNKNOWN, None, reason, severity, Confidence.NONE, row=row)


def not_applicable(about: About, reason: str | None = None) -> Statement:
    return Statement(about.subject, ResultWord.NOT_APPLICABLE, None, reason)
