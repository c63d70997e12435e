"""The stable part of one section of evidence, kept once however many hosts and runs show the same content."""

from django.db import models


class EvidenceDocument(models.Model):
    """`body` is the section's JSON without its volatile fields; `sha256` is the hash of exactly that text."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    section = models.CharField(max_length=16)
    body = models.JSONField()
    first_seen_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.section} {self.sha256[:12]}"
