"""A script that somebody made for one host that cannot be reached: good for one upload of its output, for two weeks."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from audits.models.audit_run import AuditRun
from fleet.models import Host

if TYPE_CHECKING:
    from uuid import UUID


class OfflineBundle(models.Model):
    """The nonce itself is not stored: it follows from the row and the server's key, and only its hash is compared.

    `used_at` is set once, by one guarded UPDATE, together with the evidence that the output brought.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="offline_bundles")
    computer_name = models.CharField(max_length=63, help_text="The computer that it is to run on, and no other")
    nonce_sha256 = models.CharField(max_length=64, unique=True)
    script_sha256 = models.CharField(max_length=64)
    probe_version = models.CharField(max_length=32)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="offline_bundles_made"
    )
    created_by_name = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="offline_outputs_uploaded"
    )
    used_by_name = models.CharField(max_length=150, blank=True)
    machine_sha256 = models.CharField(
        max_length=64, blank=True, help_text="The machine that ran it, hashed with the host"
    )
    run = models.ForeignKey(AuditRun, null=True, on_delete=models.SET_NULL, related_name="offline_bundles")

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["host", "-created_at"], name="offline_bundle_by_host")]

    def __str__(self) -> str:
        return f"script for {self.computer_name} of {self.created_at:%Y-%m-%d %H:%M}"

    if TYPE_CHECKING:
        host_id: UUID
        run_id: UUID | None
