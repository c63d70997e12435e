"""The audit of one host within one run: claimed under a lease, fenced by its attempt number, ended with one outcome."""

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from audits.models.audit_run import AuditRun, Trigger
from fleet.models import Host

if TYPE_CHECKING:
    from uuid import UUID


class HostAuditState(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    PARTIAL = "partial", "Partial"
    UNREACHABLE = "unreachable", "Unreachable"
    DENIED = "denied", "Denied"
    TIMED_OUT = "timed_out", "Timed out"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class HostAudit(models.Model):
    """A state changes through one guarded UPDATE that says whether it won; see audits.pipeline.

    `sections`: list of {section, status, reason, duration_seconds, sha256} in arrival order, written as they arrive.
    `samples`: volatile readings (clocks, free bytes, ...) by section, kept per run beside the shared evidence.
    `verdicts`: number of VMs per verdict word at the end of this audit.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(AuditRun, on_delete=models.CASCADE, related_name="host_audits")
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="host_audits")
    state = models.CharField(max_length=11, choices=HostAuditState, default=HostAuditState.QUEUED)
    cause = models.CharField(max_length=32, blank=True)
    detail = models.CharField(max_length=1000, blank=True, help_text="What was seen; sanitised, without secrets")
    queue = models.CharField(max_length=9, choices=Trigger, default=Trigger.ON_DEMAND)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)
    enqueued_at = models.DateTimeField(null=True, help_text="When the last hint was sent to the broker")
    worker = models.CharField(max_length=200, blank=True)
    stage = models.CharField(max_length=16, blank=True, help_text="connecting, reading, evaluating")
    sections = models.JSONField(default=list)
    samples = models.JSONField(default=dict)
    verdicts = models.JSONField(default=dict)
    probe_version = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["host"], condition=Q(state="running"), name="host_audit_one_running_per_host"
            ),
            models.UniqueConstraint(fields=["run", "host"], name="host_audit_unique_per_run"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "succeeded"], cause="")
                | Q(state__in=["partial", "unreachable", "denied", "timed_out", "failed", "cancelled"]) & ~Q(cause=""),
                name="host_audit_has_a_cause_unless_it_succeeded",
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "created_at"], condition=Q(state="queued"), name="host_audit_queued"),
            models.Index(fields=["lease_expires_at"], condition=Q(state="running"), name="host_audit_leases"),
            models.Index(fields=["run", "state"], name="host_audit_by_run"),
            models.Index(fields=["host", "-created_at"], name="host_audit_by_host"),
        ]

    def __str__(self) -> str:
        return f"{self.host_id} in {self.run_id}: {self.state}"

    if TYPE_CHECKING:
        run_id: UUID
        host_id: UUID
