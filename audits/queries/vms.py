"""VMs with their verdicts: the filtered list, and one VM with its witnesses, causes, disks and history."""

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import QueryDict
from django.utils import timezone

from audits import access
from audits.judgement.fixes import FixText
from audits.judgement.rule import Rule
from audits.judgement.rules import RULES
from audits.judgement.view import HostView
from audits.models import Episode, HostState, Result, Schedule, Verdict, VerdictInterval
from audits.queries.age import fresh, is_stale
from audits.queries.evidence import bodies
from audits.queries.fix_text import exclusion_text, fix_text_of_cause
from audits.queries.identifiers import uuid_or_none
from audits.queries.inside import Inside, inside_of
from audits.queries.listing import Listing, listing
from audits.queries.log_nights import LogNights, first_night, log_nights_of
from audits.queries.nights import NIGHTS, Nights, first_evening, nights_of
from audits.queries.surroundings import EVERY_SECTION, surroundings
from audits.queries.telling import plain_words, sentence
from audits.queries.words import OBSERVED, VERDICTS, WORST_FIRST, WRITER_SAYS, Look
from fleet.access import Viewer
from fleet.models import Host

_BADNESS = Case(
    *(When(verdict=word, then=Value(place)) for place, word in enumerate(WORST_FIRST)), output_field=IntegerField()
)
SORTS = {
    "vm": ("name", "pk"),
    "host": ("host__name", "name"),
    "customer": ("customer__name", "host__name", "name"),
    "verdict": ("badness", "customer__name", "host__name", "name", "pk"),
    "since": ("since_at", "name"),
    "read": ("host__state__evidence_at", "name"),
}


CLOCK_TIME = re.compile(r"\d\d:\d\d:\d\d")

# A VM that its node no longer shows is kept with its age until the whole cluster was read.
_FRESH = fresh("host__state__") & Q(missing_since_at=None)


def filtered(viewer: Viewer, parameters: QueryDict) -> QuerySet[Verdict]:
    """The VMs that the address asks for; a value that means nothing filters nothing away but finds nothing either."""
    rows = access.verdicts(viewer)
    if verdict := parameters.get("verdict"):
        rows = rows.filter(verdict=verdict)
    if customer := parameters.get("customer"):
        rows = rows.filter(customer=uuid_or_none(customer))
    if host := parameters.get("host"):
        rows = rows.filter(host=uuid_or_none(host))
    if cause := parameters.get("cause"):
        rows = rows.filter(causes__contains=[cause])
    if observed := parameters.get("observed"):
        rows = rows.filter(observed=observed)
    if parameters.get("sure"):
        rows = rows.filter(confidence__in=("high", "medium"))
    if parameters.get("conflict"):
        rows = rows.filter(conflict=True)
    if parameters.get("depends"):
        rows = rows.filter(depends_on_backup_path=True)
    if parameters.get("host_side_ready"):
        rows = rows.filter(host_side_ready=True)
    if parameters.get("stale") == "1":
        rows = rows.exclude(_FRESH)
    elif parameters.get("stale") == "0":
        rows = rows.filter(_FRESH)
    if text := parameters.get("q", "").strip().replace("\x00", ""):
        rows = rows.filter(
            Q(name__icontains=text) | Q(host__name__icontains=text) | Q(virtual_machine__guid__iexact=text)
        )
    return rows


def vm_list(viewer: Viewer, parameters: QueryDict, *, on: Host | None = None) -> Listing:
    """Worst first unless asked otherwise. `on`: those of one host only, whatever the address says."""
    rows = filtered(viewer, parameters).select_related("host__state", "customer").annotate(badness=_BADNESS)
    if on is not None:
        rows = rows.filter(host=on)
    return listing(rows, parameters, SORTS, default="verdict")


HISTORY_SHOWN = 20
SAME_GUID_SHOWN = 20
# Thirty nights hold a change every hour and a half, and more is no history that a person reads.
MOST_INTERVALS = 500


@dataclass(frozen=True, slots=True)
class Cause:
    """One condition that does not hold, in order of necessity."""

    rule_id: str
    rule: Rule | None
    result: Result | None
    fix: FixText | None


@dataclass(frozen=True, slots=True)
class Unread:
    """A condition that was not judged, and why."""

    rule_id: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class VMPage:
    verdict: Verdict
    state: HostState | None
    causes: list[Cause]
    other_findings: list[Result]
    unread: list[Unread]
    passed: int
    history: list[VerdictInterval]
    vm: dict[str, Any]
    disks: list[dict[str, Any]]
    guest: dict[str, Any]
    inside: Inside | None
    caption: str | None
    exclusion: FixText
    caption_result: Result | None
    nights: Nights
    log: LogNights
    same_guid: list[Verdict]

    @property
    def contradictions(self) -> list[dict[str, Any]]:
        """Where the host's evidence about this VM contradicts itself."""
        guid = self.verdict.virtual_machine.guid
        return [each for each in (self.state.contradictions if self.state else []) if each.get("vm_id") == guid]

    @property
    def disagreement(self) -> str:
        """How the writer and the rules contradict each other, in the finding's words."""
        told = self.caption_result.measured if self.caption_result else None
        return told or "the writer and the rules disagree"

    @property
    def writer_note(self) -> str:
        """What stands under the writer's word: its meaning, or the exact reason why there is none."""
        if self.verdict.vm_state in ("off", "saved"):
            return "A VM that is not running carries the word “offline” whatever its settings: it means nothing here."
        if self.verdict.writer_says in ("unknown", "not_read") and self.caption_result and self.caption_result.reason:
            reason = self.caption_result.reason
            return f"{reason[0].upper()}{reason[1:]}."
        return self.writer.note

    @property
    def writers_read_at(self) -> datetime | None:
        read_at = self.state.sections.get("writers", {}).get("read_at") if self.state else None
        return datetime.fromisoformat(read_at) if isinstance(read_at, str) else None

    @property
    def is_stale(self) -> bool:
        return is_stale(self.state)

    @property
    def look(self) -> Look:
        return VERDICTS[self.verdict.verdict]

    @property
    def writer(self) -> Look:
        return WRITER_SAYS[self.verdict.writer_says]

    @property
    def seen(self) -> Look:
        return OBSERVED[self.verdict.observed]

    @property
    def seen_sentence(self) -> str:
        """What judgement said of the third witness; before it said anything, what its word means."""
        told = self.verdict.observed_reason
        zone = " (UTC)" if CLOCK_TIME.search(told) else ""  # beside it stand times by the customer's clock
        return f"{told[0].upper()}{told[1:]}{zone}." if told else self.seen.note

    @property
    def last_pause(self) -> Episode | None:
        """The newest pause by a backup that the nights show."""
        return next((episode for episode in self.log.episodes if episode.is_proof), None)

    @property
    def was_foreseen(self) -> bool | None:
        """Whether the newest pause fits the prediction of its night; None: there was none to compare."""
        pause = self.last_pause
        if pause is None or pause.prediction == "none":
            return None
        return pause.prediction == "matched"

    @property
    def writer_agrees(self) -> bool:
        return (self.verdict.writer_says, self.verdict.verdict) in {("online", "live"), ("offline", "saved_state")}

    @property
    def passed_label(self) -> str:
        return f"{self.passed} check{'' if self.passed == 1 else 's'} pass"

    @property
    def sentence(self) -> str:
        return sentence(self.verdict)

    @property
    def plain_words(self) -> str:
        return plain_words(self.verdict, is_likely=self.is_likely)

    @property
    def is_likely(self) -> bool:
        """Whether "will" may be said; below medium confidence it is "may"."""
        return self.verdict.confidence in ("high", "medium")


def vm_page(viewer: Viewer, verdict: Verdict) -> VMPage:
    state = access.host_states(viewer).filter(host_id=verdict.host_id).first()
    results = list(access.results(viewer).filter(virtual_machine_id=verdict.virtual_machine_id).order_by("rule"))
    by_rule = {result.rule: result for result in results}
    host_wide = {
        result.rule: result
        for result in access.results(viewer).filter(
            host_id=verdict.host_id, virtual_machine=None, rule__in=verdict.causes, result="fail"
        )
    }
    guid = verdict.virtual_machine.guid
    sections = bodies(state, *EVERY_SECTION)
    view = surroundings(verdict.host, state, sections)
    today = timezone.now().date()
    intervals = list(
        access.verdict_intervals(viewer)
        .filter(virtual_machine_id=verdict.virtual_machine_id)
        .order_by("-to_at")[:MOST_INTERVALS]
    )
    words = access.writer_intervals(viewer).filter(
        virtual_machine_id=verdict.virtual_machine_id, to_at__gte=first_evening(today)
    )
    log = _log(viewer, verdict, state)
    vms = sections.get("vms") or {}
    vm = _with_id(vms.get("vms"), guid)
    images = {image.get("path"): image for image in vms.get("images") or []}
    guests = (sections.get("guest_facts") or {}).get("guests") or []
    components = (sections.get("writers") or {}).get("components") or []
    return VMPage(
        verdict=verdict,
        state=state,
        causes=[
            _cause(rule_id, by_rule.get(rule_id) or host_wide.get(rule_id), verdict, view) for rule_id in verdict.causes
        ],
        other_findings=[
            result for result in results if result.result in ("fail", "error") and result.rule not in verdict.causes
        ],
        unread=_unread(verdict),
        passed=sum(result.result == "pass" for result in results),
        history=intervals[:HISTORY_SHOWN],
        vm=vm,
        disks=[{**disk, "image": images.get(disk.get("path"), {})} for disk in vm.get("disks") or []],
        guest=_with_id(guests, guid),
        inside=inside_of(state, sections.get("guests"), guid),
        caption=_with_id(components, guid).get("caption"),
        exclusion=exclusion_text(view, verdict),
        caption_result=by_rule.get("HOST-CAPTION"),
        nights=nights_of(verdict, intervals, words, today=today, **_as_the_log_tells(log)),
        log=log,
        same_guid=list(
            access.verdicts(viewer)
            .filter(virtual_machine__guid=guid)
            .exclude(pk=verdict.pk)
            .select_related("host", "customer")
            .order_by("customer__name", "host__name")[:SAME_GUID_SHOWN]
        ),
    )


def _log(viewer: Viewer, verdict: Verdict, state: HostState | None) -> LogNights:
    """One query, if the customer's schedule came with the verdict."""
    schedule: Schedule | None = getattr(verdict.customer, "schedule", None)
    episodes = access.episodes(viewer).filter(
        virtual_machine_id=verdict.virtual_machine_id, night__gte=first_night(schedule, NIGHTS)
    )
    return log_nights_of(episodes.order_by("saved_at"), schedule=schedule, state=state, number=NIGHTS)


def _as_the_log_tells(log: LogNights) -> dict[str, Any]:
    """The third row of the nights; left out where the log was never asked."""
    if log.is_empty:
        return {}
    return {
        "pauses": {night.day: night.paused for night in log.nights},
        "unread_nights": {night.day for night in log.nights if not night.is_read},
    }


def _with_id(rows: list[dict[str, Any]] | None, guid: str) -> dict[str, Any]:
    return next((row for row in rows or [] if str(row.get("vm_id", "")).lower() == guid.lower()), {})


def _cause(rule_id: str, result: Result | None, verdict: Verdict, view: HostView) -> Cause:
    return Cause(rule_id, RULES.get(rule_id), result, fix_text_of_cause(view, rule_id, result, verdict))


def _unread(verdict: Verdict) -> list[Unread]:
    reasons = zip_longest(verdict.unknowns, verdict.unknown_reasons[: len(verdict.unknowns)], fillvalue="not read")
    return [
        Unread(rule_id, RULES[rule_id].title if rule_id in RULES else "Inside the guest", reason)
        for rule_id, reason in reasons
    ]
