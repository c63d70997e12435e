"""One run as its page shows it: how far it is, what each host does, and what failed and why."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.http import QueryDict
from django.utils import timezone

from audits import access
from audits.judgement.outcomes import Cause
from audits.judgement.words import Section
from audits.models import AuditRun, HostAudit
from audits.queries.listing import Listing, listing
from audits.queries.unreached import known_cause
from fleet.access import Viewer

SECTIONS = len(Section)
RUN_SORTS = {"created": ("created_at",), "target": ("target", "-created_at")}
_ENDED_BADLY = ("unreachable", "denied", "timed_out", "failed")

# The filter tiles: one word for the states that mean the same to somebody who waits.
TILES: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "failed": ("Failed", "r-bad", "bad", _ENDED_BADLY),
    "partial": ("Partial", "r-warn", "warn", ("partial",)),
    "working": ("Working", "r-run", "run", ("running",)),
    "queued": ("Queued", "r-info", "ring", ("queued",)),
    "done": ("Done", "r-ok", "ok", ("succeeded",)),
}


@dataclass(frozen=True, slots=True)
class Tile:
    key: str
    label: str
    css: str
    icon: str
    count: int


@dataclass(frozen=True, slots=True)
class HostLine:
    audit: HostAudit

    @property
    def sections_read(self) -> int:
        return len(self.audit.sections)

    @property
    def sections_asked(self) -> int:
        return SECTIONS

    @property
    def seconds(self) -> float | None:
        if self.audit.started_at is None:
            return None
        return ((self.audit.finished_at or timezone.now()) - self.audit.started_at).total_seconds()

    @property
    def cause(self) -> Cause | None:
        return known_cause(self.audit.state, self.audit.cause) if self.audit.cause else None

    @property
    def doing(self) -> str:
        """What a host that has not ended is doing, in words."""
        if self.audit.state == "queued":
            return "waits for a worker"
        if self.audit.stage == "evaluating":
            return "evaluating"
        if self.sections_read:
            return f"reading section {min(self.sections_read + 1, SECTIONS)} of {SECTIONS}"
        return "connecting"


@dataclass(frozen=True, slots=True)
class Failure:
    """Hosts of this run that ended for one cause, and what to do about it."""

    outcome: str
    cause: Cause
    audits: list[HostAudit]


@dataclass(frozen=True, slots=True)
class RunPage:
    run: AuditRun
    states: dict[str, int]
    lines: Listing
    failures: list[Failure]

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def ended(self) -> int:
        return self.total - self.states.get("queued", 0) - self.states.get("running", 0)

    @property
    def not_succeeded(self) -> int:
        return self.ended - self.states.get("succeeded", 0)

    @property
    def tiles(self) -> list[Tile]:
        return [
            Tile(key, label, css, icon, sum(self.states.get(state, 0) for state in states))
            for key, (label, css, icon, states) in TILES.items()
        ]

    @property
    def remaining(self) -> timedelta | None:
        """A guess from the pace so far; nothing before enough hosts have ended to guess from."""
        if not self.run.is_open or self.run.started_at is None or self.ended < 3 or self.ended == self.total:
            return None
        elapsed = timezone.now() - self.run.started_at
        return elapsed / self.ended * (self.total - self.ended)

    @property
    def remaining_seconds(self) -> float | None:
        return None if self.remaining is None else self.remaining.total_seconds()

    @property
    def tenths(self) -> int:
        """Progress in steps of ten percent: often enough to be told aloud, seldom enough not to chatter."""
        return self.ended * 10 // self.total * 10 if self.total else 0

    @property
    def seconds(self) -> float | None:
        if self.run.started_at is None:
            return None
        return ((self.run.finished_at or timezone.now()) - self.run.started_at).total_seconds()


def run_page(viewer: Viewer, run: AuditRun, parameters: QueryDict) -> RunPage:
    """Hosts outside the viewer's scope are neither listed nor counted."""
    audits = access.host_audits(viewer).filter(run=run)
    states = dict(audits.order_by().values_list("state").annotate(hosts=Count("pk")))
    shown = audits.select_related("host__customer").annotate(rank=_RANK)
    tile = TILES.get(parameters.get("state", ""))
    if tile:
        shown = shown.filter(state__in=tile[3])
    lines = listing(
        shown,
        parameters,
        {
            "host": ("host__name", "host__customer__name"),
            "customer": ("host__customer__name", "host__name"),
            "state": ("rank", "host__customer__name", "host__name"),
            "started": ("started_at", "host__name"),
        },
        default="customer",
    )
    lines.page.object_list = [HostLine(audit) for audit in lines.page.object_list]
    return RunPage(run, states, lines, [] if run.is_open else _failures(audits))


_RANK = Case(
    When(Q(state__in=_ENDED_BADLY), then=Value(0)),
    When(state="partial", then=Value(1)),
    When(state="running", then=Value(2)),
    When(state="queued", then=Value(3)),
    default=Value(4),
    output_field=IntegerField(),
)


def _failures(audits: QuerySet[HostAudit]) -> list[Failure]:
    groups: dict[tuple[str, Cause], list[HostAudit]] = {}
    ended = audits.exclude(cause="").exclude(state="cancelled").select_related("host__customer").order_by("host__name")
    for audit in ended:
        cause = known_cause(audit.state, audit.cause)
        if cause:
            groups.setdefault((audit.state, cause), []).append(audit)
    return [
        Failure(outcome, cause, found)
        for (outcome, cause), found in sorted(groups.items(), key=lambda group: -len(group[1]))
    ]


def runs(viewer: Viewer, parameters: QueryDict) -> Listing:
    """Runs, newest first, each with its hosts by outcome (of the hosts in view)."""
    in_view = access.host_audits(viewer)
    rows = access.audit_runs(viewer).select_related("customer")
    state = parameters.get("state", "")
    if state in ("queued", "running", "completed", "cancelled"):
        rows = rows.filter(state=state)
    shown = listing(rows, parameters, RUN_SORTS, default="-created")
    page_of_runs: list[Any] = list(shown.page.object_list)
    counts: dict[Any, dict[str, int]] = {}
    grouped = in_view.filter(run__in=page_of_runs).order_by().values_list("run_id", "state").annotate(hosts=Count("pk"))
    for run_id, outcome, hosts in grouped:
        counts.setdefault(run_id, {})[outcome] = hosts
    for run in page_of_runs:
        run.outcomes = counts.get(run.pk, {})
        run.host_count = sum(run.outcomes.values())
        run.bad_count = sum(run.outcomes.get(outcome, 0) for outcome in _ENDED_BADLY)
    shown.page.object_list = page_of_runs
    return shown
