"""When a customer's backups run, and when to audit around them."""

import uuid
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from audits.models.audit_run import AuditRun
from audits.timetable import EVERY_DAY, Moment, Timetable
from fleet.models import Customer

if TYPE_CHECKING:
    from uuid import UUID


def every_day() -> list[int]:
    return list(EVERY_DAY)


class Schedule(models.Model):
    """One per customer: its backup window by the local clock, and the audits before and after it.

    The window tells which pauses are the backup's, also while `is_enabled` is off and nothing is audited by itself.
    `next_at` is computed whenever a row is saved or taken; None: nothing will be started. `note` says what the server
    did not do, such as an audit that was due while it was off.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="schedule")
    time_zone = models.CharField(max_length=64, help_text="IANA name, such as Europe/Berlin")
    window_begins = models.TimeField(help_text="By the local clock")
    window_ends = models.TimeField(help_text="By the local clock; not later than the begin: on the next day")
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), default=every_day, help_text="ISO days on which a window begins"
    )
    audit_before_minutes = models.PositiveSmallIntegerField(default=60, help_text="0: no audit before the window")
    harvest_after_minutes = models.PositiveSmallIntegerField(default=15, help_text="0: no audit after the window")
    is_enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True, help_text="When the schedule last started a run")
    last_run = models.ForeignKey(AuditRun, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(window_begins=F("window_ends")), name="schedule_window_is_shorter_than_a_day"
            ),
            models.CheckConstraint(condition=~Q(weekdays=[]), name="schedule_has_a_day"),
        ]
        indexes = [models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="schedule_due")]

    def __str__(self) -> str:
        return f"{self.window_begins:%H:%M}-{self.window_ends:%H:%M} {self.time_zone}"

    @property
    def timetable(self) -> Timetable:
        return Timetable(
            begins=self.window_begins,
            ends=self.window_ends,
            time_zone=self.time_zone,
            weekdays=tuple(self.weekdays),
            audit_before_minutes=self.audit_before_minutes,
            harvest_after_minutes=self.harvest_after_minutes,
        )

    def next_moments(self, number: int) -> list[Moment]:
        """The next audits that will start by themselves; none while the schedule is off."""
        return self.timetable.next_moments(timezone.now(), number) if self.is_enabled else []

    if TYPE_CHECKING:
        customer_id: UUID
        last_run_id: UUID | None
