"""A sign-in of one customer. The secret is sealed; only the pipeline and the connection test open it."""

import uuid

from django.db import models
from django.db.models.functions import Lower

from fleet.models.customer import Customer


class Credential(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="credentials")
    name = models.CharField(max_length=200)
    username = models.CharField(max_length=256)
    sealed_secret = models.BinaryField(editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), "customer", name="credential_name_unique_per_customer")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
