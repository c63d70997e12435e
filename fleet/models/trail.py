"""The audit trail: who did what, appended only, each entry chained to the one before by its hash."""

from django.conf import settings
from django.db import models


class TrailEntry(models.Model):
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    actor_name = models.CharField(max_length=150, help_text="The name at that time, or 'command line'")
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=300)
    detail = models.JSONField(default=dict)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.subject}"
