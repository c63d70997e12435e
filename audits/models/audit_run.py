"""One audit that somebody or a schedule started: queued, running, then completed or cancelled."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from fleet.models import Customer, Host

if TYPE_CHECKING:
    from uuid import UUID


class RunState(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


class Trigger(models.TextChoices):
    """Why the run exists; also the name of the Celery queue its host audits travel in.

    What was uploaded has been read already: its audit ends as it begins and travels in no queue.
    """

    ON_DEMAND = "ondemand", "On demand"
    SCHEDULED = "scheduled", "Scheduled"
    UPLOADED = "uploaded", "Uploaded"


class AuditRun(models.Model):
    """A run with a dead host is completed, not failed: the counts per outcome say the rest.

    `customer` and `host` name the target when the run was started for one; both empty means the whole fleet.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=9, choices=RunState, default=RunState.QUEUED)
    trigger = models.CharField(max_length=9, choices=Trigger, default=Trigger.ON_DEMAND)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="audit_runs")
    host = models.ForeignKey(Host, null=True, on_delete=models.SET_NULL, related_name="audit_runs")
    target = models.CharField(max_length=300, help_text="The target in words, as it was called then")
    target_key = models.CharField(max_length=64, help_text="Hash of the hosts: a second click finds the queued run")
    retry_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="retries")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    requested_by_name = models.CharField(max_length=150, default="command line")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["-created_at"], name="audit_run_newest"),
            models.Index(fields=["state"], condition=Q(state__in=["queued", "running"]), name="audit_run_open"),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.state in (RunState.QUEUED, RunState.RUNNING)

    if TYPE_CHECKING:
        customer_id: UUID | None
        host_id: UUID | None
