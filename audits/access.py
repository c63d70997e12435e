"""Who sees what a host told us: `fleet.access` decides on customers and hosts, one function here per model."""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from audits.models import (
    AuditRun,
    Episode,
    HostAudit,
    HostState,
    OfflineBundle,
    Result,
    ResultInterval,
    RunRollup,
    Schedule,
    Verdict,
    VerdictInterval,
    WriterInterval,
)
from fleet import access
from fleet.access import Viewer


def audit_runs(viewer: Viewer) -> QuerySet[AuditRun]:
    """Runs that touched at least one host this person may see; what they show of it is scoped by `host_audits`."""
    if access.sees_everything(viewer):
        return AuditRun.objects.all()
    theirs = HostAudit.objects.filter(run=OuterRef("pk"), host__in=access.hosts(viewer))
    return AuditRun.objects.filter(Exists(theirs))


def host_audits(viewer: Viewer) -> QuerySet[HostAudit]:
    if access.sees_everything(viewer):
        return HostAudit.objects.all()
    return HostAudit.objects.filter(host__in=access.hosts(viewer))


def host_states(viewer: Viewer) -> QuerySet[HostState]:
    if access.sees_everything(viewer):
        return HostState.objects.all()
    return HostState.objects.filter(host__in=access.hosts(viewer))


def offline_bundles(viewer: Viewer) -> QuerySet[OfflineBundle]:
    if access.sees_everything(viewer):
        return OfflineBundle.objects.all()
    return OfflineBundle.objects.filter(host__in=access.hosts(viewer))


def results(viewer: Viewer) -> QuerySet[Result]:
    """Current results, passes included."""
    if access.sees_everything(viewer):
        return Result.objects.all()
    return Result.objects.filter(host__in=access.hosts(viewer))


def findings(viewer: Viewer) -> QuerySet[Result]:
    """Current results that are fail, error or unknown."""
    return results(viewer).filter(result__in=("fail", "error", "unknown"))


def result_intervals(viewer: Viewer) -> QuerySet[ResultInterval]:
    if access.sees_everything(viewer):
        return ResultInterval.objects.all()
    return ResultInterval.objects.filter(host__in=access.hosts(viewer))


def verdicts(viewer: Viewer) -> QuerySet[Verdict]:
    if access.sees_everything(viewer):
        return Verdict.objects.all()
    return Verdict.objects.filter(customer__in=access.customers(viewer))


def verdict_intervals(viewer: Viewer) -> QuerySet[VerdictInterval]:
    if access.sees_everything(viewer):
        return VerdictInterval.objects.all()
    return VerdictInterval.objects.filter(host__in=access.hosts(viewer))


def episodes(viewer: Viewer) -> QuerySet[Episode]:
    if access.sees_everything(viewer):
        return Episode.objects.all()
    return Episode.objects.filter(customer__in=access.customers(viewer))


def schedules(viewer: Viewer) -> QuerySet[Schedule]:
    if access.sees_everything(viewer):
        return Schedule.objects.all()
    return Schedule.objects.filter(customer__in=access.customers(viewer))


def writer_intervals(viewer: Viewer) -> QuerySet[WriterInterval]:
    if access.sees_everything(viewer):
        return WriterInterval.objects.all()
    return WriterInterval.objects.filter(host__in=access.hosts(viewer))


def run_rollups(viewer: Viewer) -> QuerySet[RunRollup]:
    if access.sees_everything(viewer):
        return RunRollup.objects.all()
    return RunRollup.objects.filter(host__in=access.hosts(viewer))


def evidence_hashes(viewer: Viewer, *, host_id: UUID) -> frozenset[str]:
    """Hashes of the evidence documents that are current for a host this person may see; else none.

    Hosts with the same content share a document, so it is reached through a host, never by its hash alone.
    """
    sections = host_states(viewer).filter(host_id=host_id).values_list("sections", flat=True).first() or {}
    return frozenset(reading["sha256"] for reading in sections.values() if reading.get("sha256"))
