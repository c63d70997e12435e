"""Hosts: the filtered list, and one host with what was read of it and what it shows."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import QueryDict

from audits import access
from audits.collect.probes import PROBE_VERSION
from audits.judgement.fixes import FixText
from audits.judgement.host_script import host_steps
from audits.judgement.outcomes import Cause
from audits.judgement.words import Section
from audits.models import HostAudit, HostState, Result, Schedule
from audits.queries.age import is_stale
from audits.queries.evidence import bodies, with_samples
from audits.queries.fix_script import StepGroup, groups_of
from audits.queries.fix_text import fix_text
from audits.queries.identifiers import uuid_or_none
from audits.queries.listing import Listing, listing
from audits.queries.log_nights import NIGHTS_OF_A_HOST, LogNights, first_night, log_nights_of
from audits.queries.plans import Plan, plan_of_host
from audits.queries.readings import Volume, volumes_of
from audits.queries.rights import other_module_version
from audits.queries.surroundings import EVERY_SECTION, surroundings
from audits.queries.tally import COUNTS
from audits.queries.unreached import known_cause
from fleet import access as fleet_access
from fleet.access import Viewer
from fleet.models import Customer, Host

SORTS = {
    "host": ("name", "pk"),
    "customer": ("customer__name", "name"),
    "saved": ("state__saved_state_vms", "name"),
    "fails": ("state__backup_fails_vms", "name"),
    "unknown": ("state__unknown_vms", "name"),
    "live": ("state__live_vms", "name"),
    "outcome": ("state__last_outcome", "name"),
    "read": ("state__evidence_at", "name"),
    "build": ("state__os_build", "name"),
}


@dataclass(frozen=True, slots=True)
class HostLine:
    host: Host
    state: HostState | None

    @property
    def counts(self) -> dict[str, int]:
        return counts_of(self.state)

    @property
    def is_stale(self) -> bool:
        return is_stale(self.state)

    @property
    def cause(self) -> Cause | None:
        return known_cause(self.state.last_outcome, self.state.last_cause) if self.state else None


def counts_of(state: HostState | None) -> dict[str, int]:
    if state is None:
        return dict.fromkeys(COUNTS, 0)
    return {word: getattr(state, column) for word, column in COUNTS.items()}


def state_of(host: Host) -> HostState | None:
    """The host's state where it has one; a host that was never audited has none."""
    return getattr(host, "state", None)


def host_list(viewer: Viewer, parameters: QueryDict, *, of: Customer | None = None) -> Listing:
    """`of`: those of one customer only, whatever the address says."""
    rows = fleet_access.hosts(viewer).select_related("customer", "state")
    if of is not None:
        rows = rows.filter(customer=of)
    if customer := parameters.get("customer"):
        rows = rows.filter(customer=uuid_or_none(customer))
    if outcome := parameters.get("outcome"):
        rows = rows.filter(state__last_outcome=outcome) if outcome != "never" else rows.filter(state=None)
    if cause := parameters.get("cause"):
        rows = rows.filter(state__last_cause=cause)
    if text := parameters.get("q", "").strip().replace("\x00", ""):
        rows = rows.filter(Q(name__icontains=text) | Q(address__icontains=text))
    shown = listing(rows, parameters, SORTS, default="customer")
    shown.page.object_list = [HostLine(host, state_of(host)) for host in shown.page.object_list]
    return shown


@dataclass(frozen=True, slots=True)
class SectionLine:
    section: str
    status: str
    reason: str
    duration_seconds: float | None
    read_at: str | None
    gaps: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class HostPage:
    host: Host
    state: HostState | None
    sections: list[SectionLine]
    identity: dict[str, Any]
    volumes: list[Volume]
    writers: list[dict[str, Any]]
    services: list[dict[str, Any]]
    findings: list[tuple[Result, FixText | None]]
    fix_groups: list[StepGroup]
    audits: list[HostAudit]
    running: HostAudit | None
    plan: Plan
    nights: LogNights

    @property
    def counts(self) -> dict[str, int]:
        return counts_of(self.state)

    @property
    def vms(self) -> int:
        return sum(self.counts.values())

    @property
    def is_stale(self) -> bool:
        return is_stale(self.state)

    @property
    def cause(self) -> Cause | None:
        return known_cause(self.state.last_outcome, self.state.last_cause) if self.state else None

    @property
    def other_module_version(self) -> str:
        """Of the JEA module, where the host has another one than is made here."""
        return other_module_version(self.host, self.state)

    @property
    def module_version(self) -> str:
        return PROBE_VERSION

    @property
    def countable(self) -> int:
        """M of "N of M": every VM of the host except those already offline."""
        return self.vms - self.counts["already_offline"]

    @property
    def sections_read(self) -> int:
        return sum(line.status == "ok" for line in self.sections)

    @property
    def bad_sections(self) -> list[SectionLine]:
        return [line for line in self.sections if line.status != "ok"]

    @property
    def failed_writers(self) -> list[dict[str, Any]]:
        """State 6 and above is failed; 5 is normal during and after a backup."""
        return [writer for writer in self.writers if (writer.get("state") or 0) >= 6]

    @property
    def disabled_services(self) -> list[dict[str, Any]]:
        return [service for service in self.services if service.get("start_mode") == "Disabled"]


def host_page(viewer: Viewer, host: Host) -> HostPage:
    state = state_of(host)
    stable = bodies(state, *EVERY_SECTION)
    shown = ("identity", "volumes", "services", "writers")
    read = with_samples(state, {section: body for section, body in stable.items() if section in shown})
    audits = list(access.host_audits(viewer).filter(host=host).select_related("run").order_by("-created_at")[:8])
    found = list(
        access.findings(viewer).filter(host=host).exclude(result="unknown").order_by("severity", "rule", "subject")
    )
    view = surroundings(host, state, stable)
    identity = read.get("identity", {})
    return HostPage(
        host=host,
        state=state,
        sections=_sections(state),
        identity=identity,
        volumes=volumes_of(read.get("volumes", {})),
        writers=read.get("writers", {}).get("writers") or [],
        services=read.get("services", {}).get("services") or [],
        findings=[(result, fix_text(view, result)) for result in found if result.virtual_machine_id is None],
        fix_groups=groups_of(host_steps(view, found)),
        audits=audits,
        running=next((audit for audit in audits if audit.state in ("queued", "running")), None),
        plan=plan_of_host(host, state),
        nights=_nights(viewer, host, state),
    )


def _nights(viewer: Viewer, host: Host, state: HostState | None) -> LogNights:
    """One query, if the customer's schedule came with the host."""
    schedule: Schedule | None = getattr(host.customer, "schedule", None)
    episodes = access.episodes(viewer).filter(host=host, night__gte=first_night(schedule, NIGHTS_OF_A_HOST))
    return log_nights_of(
        episodes.select_related("virtual_machine__verdict").order_by("saved_at"),
        schedule=schedule,
        state=state,
        number=NIGHTS_OF_A_HOST,
    )


def _sections(state: HostState | None) -> list[SectionLine]:
    if state is None:
        return []
    return [
        SectionLine(
            section=section,
            status=reading.get("status") or "error",
            reason=reading.get("reason") or "",
            duration_seconds=reading.get("duration_seconds"),
            read_at=reading.get("read_at"),
            gaps=reading.get("gaps") or [],
        )
        for section in Section
        if (reading := state.sections.get(section))
    ]
