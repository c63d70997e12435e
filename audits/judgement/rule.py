"""A rule: one condition, its metadata, and the generator that judges every subject of a host."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from inspect import cleandoc

from msgspec import Struct

from audits.judgement.confidence import least
from audits.judgement.result import Statement
from audits.judgement.unconfirmed import Unconfirmed
from audits.judgement.view import HostView
from audits.judgement.words import BackupPath, Confidence, HostClass, ResultWord, Scope, Section, Severity

type_of_check = Callable[[HostView], Iterator[Statement]]

SERVERS = frozenset({HostClass.A, HostClass.B, HostClass.C})
# A client host has no VSS writer and no backup path that a source describes: only what concerns the health of
# the VM's files is judged there.
EVERY_HOST = SERVERS | {HostClass.CLIENT}
SINCE_2012_R2 = frozenset({HostClass.B, HostClass.C})
SINCE_2016 = frozenset({HostClass.C})
UP_TO_2012 = frozenset({HostClass.A})
BOTH_PATHS = frozenset({BackupPath.VSS, BackupPath.WMI})
ONLY_VSS = frozenset({BackupPath.VSS})


class Rule(Struct, frozen=True, kw_only=True):
    """Metadata feeds pages, docs, CSV and the baseline list; `check` is the judgement itself.

    `title` states the compliant condition. `precondition`: marked P in the domain's table, so a live backup needs
    it. `sources` are keys of `SOURCES`. `unconfirmed` says what no source confirms, where, and which results are
    therefore less sure.
    """

    id: str
    title: str
    why: str
    scope: Scope
    severity: Severity
    severity_on: Mapping[HostClass, Severity]
    needs: tuple[Section, ...]
    precondition: bool
    applies_to: frozenset[HostClass]
    paths: frozenset[BackupPath]
    sources: tuple[str, ...]
    unconfirmed: tuple[Unconfirmed, ...]
    fix: str | None
    version: int
    check: type_of_check

    @property
    def is_about_guests(self) -> bool:
        """Judged inside the guest, and only where somebody gave access to it."""
        return Section.GUESTS in self.needs

    def severity_for(self, host_class: HostClass) -> Severity:
        return self.severity_on.get(host_class, self.severity)

    def most_sure(self, word: ResultWord, host_class: HostClass) -> Confidence:
        """How sure a result of this rule can be on this class of host, given what is not confirmed."""
        marks = (mark for mark in self.unconfirmed if mark.is_about(host_class) and word in mark.weakens)
        return least(Confidence.HIGH, *(mark.at_most for mark in marks))


def rule(
    *,
    id: str,
    title: str,
    scope: Scope,
    severity: Severity,
    needs: Iterable[Section],
    sources: Iterable[str],
    severity_on: Mapping[HostClass, Severity] | None = None,
    precondition: bool = False,
    applies_to: frozenset[HostClass] = SERVERS,
    paths: frozenset[BackupPath] = BOTH_PATHS,
    unconfirmed: Iterable[Unconfirmed] = (),
    fix: str | None = None,
    version: int = 1,
) -> Callable[[type_of_check], Rule]:
    """Turn a generator function into a Rule; its docstring becomes `why`, the text of the check's page."""

    def build(check: type_of_check) -> Rule:
        return Rule(
            id=id,
            title=title,
            why=" ".join(cleandoc(check.__doc__ or "").split()),
            scope=scope,
            severity=severity,
            severity_on=severity_on or {},
            needs=tuple(needs),
            precondition=precondition,
            applies_to=applies_to,
            paths=paths,
            sources=tuple(sources),
            unconfirmed=tuple(unconfirmed),
            fix=fix,
            version=version,
            check=check,
        )

    return build
