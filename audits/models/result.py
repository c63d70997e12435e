"""What a rule says of a subject now, and the closed intervals of what it said before."""

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from fleet.models import Host, VirtualMachine

if TYPE_CHECKING:
    from uuid import UUID


class Result(models.Model):
    """One current row per rule and subject, passes included. A finding is one that is fail, error or unknown.

    `subject_key` is the subject's identity for good: the VM's, host's or cluster's row id, or host id and volume id;
    `subject_id` is what the contract shows (VM GUID, volume id, host or cluster id). The age of a result is the
    host's `evidence_at`: an unchanged result is not rewritten to say that it was seen again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="results")
    virtual_machine = models.ForeignKey(VirtualMachine, null=True, on_delete=models.CASCADE, related_name="results")
    rule = models.CharField(max_length=16)
    rule_version = models.PositiveSmallIntegerField(default=1)
    subject_type = models.CharField(max_length=7)
    subject_key = models.CharField(max_length=300)
    subject_id = models.CharField(max_length=300)
    subject = models.TextField()
    result = models.CharField(max_length=14)
    severity = models.CharField(max_length=8)
    confidence = models.CharField(max_length=6)
    measured = models.TextField(null=True)
    reason = models.TextField(null=True)
    fix = models.CharField(max_length=8, null=True)
    first_seen_at = models.DateTimeField(help_text="Since when the result is this one")
    read_at = models.DateTimeField(help_text="When the evidence behind this row was read, where older than the host's")
    run_id = models.UUIDField(null=True)
    known_result = models.CharField(max_length=14, blank=True, help_text="Unknown now: the last known result")
    known_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject_key", "rule"], name="result_unique_per_subject")]
        indexes = [
            models.Index(fields=["host", "rule"], name="result_by_host"),
            models.Index(
                fields=["rule", "host"], condition=Q(result__in=["fail", "error", "unknown"]), name="result_findings"
            ),
            models.Index(fields=["virtual_machine"], name="result_by_vm"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject}: {self.result}"

    if TYPE_CHECKING:
        host_id: UUID
        virtual_machine_id: UUID | None


class ResultInterval(models.Model):
    """A time during which a result was what it no longer is. Written once, when the result changed."""

    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="result_intervals")
    rule = models.CharField(max_length=16)
    subject_type = models.CharField(max_length=7)
    subject_key = models.CharField(max_length=300)
    subject = models.TextField()
    result = models.CharField(max_length=14)
    severity = models.CharField(max_length=8)
    measured = models.TextField(null=True)
    reason = models.TextField(null=True)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    ended_by_run_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["subject_key", "rule", "-to_at"], name="result_interval_history")]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject}: {self.result} until {self.to_at}"
