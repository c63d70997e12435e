"""A time in which a VM verifiably was in a saved state: stored once, however often it is read."""

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from fleet.models import Customer, Host, VirtualMachine

if TYPE_CHECKING:
    from uuid import UUID


class Episode(models.Model):
    """What the third witness saw of one night, beside what the product had predicted for it.

    The episode is the VM and the moment of the save; a later reading adds to the row, such as the moment of the
    restore. `night` is the local date of its evening: see Timetable.night_of. `predicted` is the verdict that stood at
    `saved_at`, empty where there was none, and never changes. `evidence_at` and `run_id` name the reading that wrote
    the row last.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    virtual_machine = models.ForeignKey(VirtualMachine, on_delete=models.CASCADE, related_name="episodes")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="episodes")
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="episodes", help_text="Whose log tells of it")
    vm = models.TextField(help_text="What the VM was called then")
    saved_at = models.DateTimeField()
    restored_at = models.DateTimeField(null=True)
    night = models.DateField()
    source = models.CharField(max_length=6)
    confidence = models.CharField(max_length=6)
    is_proof = models.BooleanField(help_text="A backup saved the VM: in a window, not excluded, restored soon")
    in_backup_window = models.BooleanField(null=True)
    evidence_for_window = models.TextField(null=True)
    excluded_reason = models.CharField(max_length=20, null=True)
    why_excluded = models.TextField(null=True)
    doubt = models.TextField(null=True)
    contradiction = models.TextField(null=True)
    predicted = models.CharField(max_length=16, blank=True)
    predicted_confidence = models.CharField(max_length=6, blank=True)
    evidence_at = models.DateTimeField()
    run_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["virtual_machine", "saved_at"], name="episode_unique_per_save"),
            models.CheckConstraint(
                condition=Q(is_proof=False) | Q(in_backup_window=True, excluded_reason=None, restored_at__isnull=False),
                name="episode_proof_has_its_grounds",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "night"], name="episode_by_customer"),
            models.Index(fields=["host", "night"], name="episode_by_host"),
            models.Index(fields=["night"], name="episode_by_night"),
        ]

    def __str__(self) -> str:
        return f"{self.vm} saved at {self.saved_at}"

    @property
    def duration_seconds(self) -> float | None:
        return None if self.restored_at is None else (self.restored_at - self.saved_at).total_seconds()

    @property
    def kind(self) -> str:
        """What it counts as: `proof` of a pause by a backup, `excluded` as something else's doing, or `open`."""
        if self.is_proof:
            return "proof"
        return "excluded" if self.excluded_reason else "open"

    @property
    def prediction(self) -> str:
        """How the prediction of that night did: `matched`, `surprised`, or `none` where it committed to nothing."""
        if self.predicted in ("", "unknown"):
            return "none"
        return "matched" if self.predicted == "saved_state" else "surprised"

    if TYPE_CHECKING:
        virtual_machine_id: UUID
        customer_id: UUID
        host_id: UUID
