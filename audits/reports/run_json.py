"""One run as the JSON document of the contract (C2): shared by the command, the API and the pages."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from audits.judgement.outcomes import cause_of
from audits.judgement.words import Section
from audits.models import AuditRun, HostAudit, HostAuditState, HostState, Result, Verdict
from audits.reports.known import SCHEMA_VERSION

# Hosts per round of queries: their VMs and findings are in memory together.
HOSTS_AT_ONCE = 50
_ENDED = frozenset(HostAuditState.values) - {HostAuditState.QUEUED, HostAuditState.RUNNING}


def run_json(run: AuditRun, host_audits: QuerySet[HostAudit]) -> Iterator[str]:
    """The document in pieces. `host_audits` is scoped by access; only the run's are taken."""
    mine = host_audits.filter(run=run)
    head = {"schema_version": SCHEMA_VERSION, "run": run_in_words(run, mine)}
    yield json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "hosts": ['
    separator = "\n"
    ids = list(mine.order_by("host__customer__name", "host__name", "host_id").values_list("pk", flat=True))
    for start in range(0, len(ids), HOSTS_AT_ONCE):
        for host in _hosts(mine, ids[start : start + HOSTS_AT_ONCE]):
            yield separator + json.dumps(host, ensure_ascii=False)
            separator = ",\n"
    yield "]}\n"


def run_in_words(run: AuditRun, host_audits: QuerySet[HostAudit]) -> dict[str, Any]:
    """The part `run`: state, times and the number of hosts in each state."""
    counted = host_audits.order_by().values_list("state").annotate(number=Count("pk"))
    counts = dict.fromkeys(HostAuditState.values, 0) | dict(counted)
    return {
        "id": str(run.pk),
        "state": run.state,
        "started_at": in_utc(run.started_at),
        "finished_at": in_utc(run.finished_at),
        "counts": counts,
    }


def in_utc(moment: datetime | None) -> str | None:
    """ISO 8601 with Z, whole seconds: as in the CSV."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _hosts(host_audits: QuerySet[HostAudit], ids: Sequence[UUID]) -> Iterator[dict[str, Any]]:
    audits = (
        host_audits.filter(pk__in=ids)
        .select_related("host__customer", "host__state__cluster")
        .order_by("host__customer__name", "host__name", "host_id")
    )
    host_ids = [audit.host_id for audit in audits]
    verdicts: defaultdict[UUID, list[Verdict]] = defaultdict(list)
    for verdict in (
        Verdict.objects.filter(host__in=host_ids)
        .select_related("virtual_machine")
        .order_by("name", "virtual_machine__guid")
    ):
        verdicts[verdict.host_id].append(verdict)
    findings: defaultdict[UUID, list[Result]] = defaultdict(list)
    for finding in Result.objects.filter(host__in=host_ids, result__in=("fail", "error", "unknown")).order_by(
        "rule", "subject_id", "pk"
    ):
        findings[finding.host_id].append(finding)
    for audit in audits:
        yield _host(audit, verdicts[audit.host_id], findings[audit.host_id])


def _host(audit: HostAudit, verdicts: list[Verdict], findings: list[Result]) -> dict[str, Any]:
    host = audit.host
    state: HostState | None = getattr(host, "state", None)
    has_ended = audit.state in _ENDED
    cause = cause_of(audit.state, audit.cause) if audit.cause else None
    return {
        "customer_id": str(host.customer_id),
        "customer": host.customer.name,
        "host_id": str(host.pk),
        "host": host.name,
        "address": host.address,
        "outcome": audit.state if has_ended else None,
        "cause": cause.code if cause else None,
        "message": cause.message if cause else None,
        "next_step": cause.next_step if cause else None,
        "retry_helps": cause.retry_helps if cause else None,
        "attempts": audit.attempt,
        "started_at": in_utc(audit.started_at),
        "finished_at": in_utc(audit.finished_at),
        "duration_seconds": _seconds(audit),
        "os_build": state.os_build if state else None,
        "host_class": state.host_class if state else "unknown",
        "cluster": state.cluster.name if state and state.cluster else None,
        "backup_path": host.effective_backup_path,
        "evidence_at": in_utc(state.evidence_at) if state else None,
        "evidence_run_id": str(state.evidence_run_id) if state and state.evidence_run_id else None,
        "probe_version": (state.probe_version or None) if state else None,
        "sections": _sections(audit, state),
        "vms": [_vm(verdict) for verdict in verdicts] if has_ended else [],
        "findings": [_finding(finding) for finding in findings] if has_ended else [],
    }


def _seconds(audit: HostAudit) -> float | None:
    if audit.started_at is None or audit.finished_at is None:
        return None
    return round((audit.finished_at - audit.started_at).total_seconds(), 2)


def _sections(audit: HostAudit, state: HostState | None) -> list[dict[str, Any]]:
    """The sections that this audit read, or else those of the last good evidence."""
    shown = {entry["section"]: entry for entry in audit.sections}
    if not shown and state is not None:
        shown = state.sections
    keys = ("status", "reason", "duration_seconds")
    return [
        {"section": str(section)} | {key: shown[section].get(key) for key in keys}
        for section in Section
        if section in shown
    ]


def _vm(verdict: Verdict) -> dict[str, Any]:
    return {
        "vm_id": verdict.virtual_machine.guid,
        "vm": verdict.name or None,
        "vm_state": verdict.vm_state,
        "verdict": verdict.verdict,
        "verdict_vss": verdict.verdict_vss,
        "verdict_wmi": verdict.verdict_wmi,
        "confidence": verdict.confidence,
        "depends_on_backup_path": verdict.depends_on_backup_path,
        "conflict": verdict.conflict,
        "writer_says": verdict.writer_says,
        "observed": verdict.observed,
        "causes": verdict.causes,
        "unknowns": verdict.unknowns,
    }


def _finding(finding: Result) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "subject_type": finding.subject_type,
        "subject_id": finding.subject_id,
        "subject": finding.subject or None,
        "result": finding.result,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "measured": finding.measured,
        "reason": finding.reason,
        "fix": finding.fix,
    }
