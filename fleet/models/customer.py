"""A customer of the managed service provider: its networks, its backup path, and who looks after it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower


class BackupPath(models.TextChoices):
    """The way the backup product takes."""

    VSS = "vss", "Host VSS writer"
    WMI = "wmi", "Hyper-V WMI (RCT)"
    UNKNOWN = "unknown", "Not known"


class Customer(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    backup_path = models.CharField(max_length=8, choices=BackupPath, default=BackupPath.UNKNOWN)
    ca_pem = models.TextField(blank=True, help_text="PEM of the CA that signed the hosts' certificates")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="customer_name_unique")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Network(models.Model):
    """An address range in which hosts of the customer may be contacted. None entered: none may be."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="networks")
    cidr = models.CharField(max_length=49)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "cidr"], name="network_unique_per_customer")]
        ordering = ["cidr"]

    def __str__(self) -> str:
        return self.cidr


class Membership(models.Model):
    """A person who is not staff sees the customers they are a member of."""

    class Role(models.TextChoices):
        VIEWER = "viewer", "May look"
        OPERATOR = "operator", "May look and start audits"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "customer"], name="membership_unique")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} of {self.customer_id}"
