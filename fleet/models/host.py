"""A Hyper-V host of a customer, and how it is reached."""

import uuid
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from fleet.models.credential import Credential
from fleet.models.customer import BackupPath, Customer

if TYPE_CHECKING:
    from uuid import UUID


class Scheme(models.TextChoices):
    HTTPS = "https", "https"
    HTTP = "http", "http, messages encrypted"

    @property
    def default_port(self) -> int:
        return 5986 if self is Scheme.HTTPS else 5985


class Auth(models.TextChoices):
    KERBEROS = "kerberos", "Kerberos"
    NTLM = "ntlm", "NTLM"
    CERTIFICATE = "certificate", "Client certificate"


class RightsLevel(models.TextChoices):
    """What the account may read. A level declared lower makes its missing sections expected, not partial."""

    ADMINISTRATOR = "administrator", "Administrator"
    HYPER_V = "hyper_v", "Hyper-V Administrators and Event Log Readers"
    JEA = "jea", "JEA endpoint"


class Host(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="hosts")
    name = models.CharField(max_length=255)
    address = models.CharField(max_length=255)
    port = models.PositiveIntegerField()
    scheme = models.CharField(max_length=5, choices=Scheme, default=Scheme.HTTPS)
    auth = models.CharField(max_length=11, choices=Auth, default=Auth.NTLM)
    credential = models.ForeignKey(Credential, null=True, blank=True, on_delete=models.SET_NULL, related_name="hosts")
    credential_detached_at = models.DateTimeField(null=True, blank=True)
    certificate_sha256 = models.CharField(max_length=64, blank=True)
    backup_path = models.CharField(
        max_length=8, choices=BackupPath, blank=True, help_text="Empty: as the customer's setting says"
    )
    rights_level = models.CharField(max_length=13, choices=RightsLevel, default=RightsLevel.ADMINISTRATOR)
    endpoint_name = models.CharField(
        max_length=128, blank=True, help_text="PSSessionConfiguration to connect to; empty: Microsoft.PowerShell"
    )
    tags = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("customer", Lower("name"), name="host_name_unique_per_customer"),
            models.CheckConstraint(condition=Q(port__gte=1, port__lte=65535), name="host_port_valid"),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def effective_backup_path(self) -> str:
        """The host's own setting, or its customer's."""
        return self.backup_path or self.customer.backup_path

    if TYPE_CHECKING:
        customer_id: UUID
        credential_id: UUID | None
