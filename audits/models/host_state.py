"""What is currently known of one host: one row, so that a fleet of a thousand hosts is a thousand rows to sum."""

from typing import TYPE_CHECKING

from django.db import models

from audits.models.audit_run import AuditRun
from audits.models.host_audit import HostAudit
from fleet.models import Cluster, Host

if TYPE_CHECKING:
    from uuid import UUID


class HostState(models.Model):
    """Written by the pipeline at the end of each audit, in the same transaction as results and verdicts.

    `evidence_*` name the last audit that brought usable evidence; `last_audit` the last one that ended at all.
    `sections`: the reading each section's current evidence came from:
    {section: {status, reason, duration_seconds, sha256, read_at, run_id, gaps}}, where status and reason are the latest
    reading's and sha256, read_at and run_id the last good one's; `vms` adds `seen_at` (arrival) and `whole`.
    The number columns count this host's current VMs per verdict; `host_side_ready` is part of `unknown_vms`.
    """

    host = models.OneToOneField(Host, primary_key=True, on_delete=models.CASCADE, related_name="state")
    last_audit = models.ForeignKey(HostAudit, null=True, on_delete=models.SET_NULL, related_name="+")
    last_outcome = models.CharField(max_length=11, blank=True)
    last_cause = models.CharField(max_length=32, blank=True)
    last_finished_at = models.DateTimeField(null=True)
    failures_in_a_row = models.PositiveIntegerField(default=0, help_text="Attempts in a row that found it unreachable")
    evidence_at = models.DateTimeField(null=True)
    evidence_run = models.ForeignKey(AuditRun, null=True, on_delete=models.SET_NULL, related_name="+")
    probe_version = models.CharField(max_length=32, blank=True)
    os_build = models.IntegerField(null=True)
    host_class = models.CharField(max_length=7, default="unknown")
    cluster = models.ForeignKey(Cluster, null=True, on_delete=models.SET_NULL, related_name="host_states")
    sections = models.JSONField(default=dict)
    contradictions = models.JSONField(default=list, help_text="Of {kind, vm_id or null, subject, sentence}")
    events_from_at = models.DateTimeField(null=True, help_text="Since when its event log was read without a gap")
    events_until_at = models.DateTimeField(null=True)
    results_digest = models.CharField(max_length=64, blank=True, help_text="Equal digest: nothing to reconcile")
    verdicts_digest = models.CharField(max_length=64, blank=True)
    live_vms = models.PositiveIntegerField(default=0)
    crash_consistent_vms = models.PositiveIntegerField(default=0)
    saved_state_vms = models.PositiveIntegerField(default=0)
    saved_state_sure_vms = models.PositiveIntegerField(default=0, help_text="Of these at medium or high confidence")
    backup_fails_vms = models.PositiveIntegerField(default=0)
    already_offline_vms = models.PositiveIntegerField(default=0)
    unknown_vms = models.PositiveIntegerField(default=0)
    host_side_ready_vms = models.PositiveIntegerField(default=0)
    depends_on_backup_path_vms = models.PositiveIntegerField(default=0)
    conflict_vms = models.PositiveIntegerField(default=0)
    failing_results = models.PositiveIntegerField(default=0)
    unknown_results = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"state of {self.host_id}"

    if TYPE_CHECKING:
        host_id: UUID
        evidence_run_id: UUID | None
        cluster_id: UUID | None
