"""Which credential may be sent to which guests of a customer, and by which way."""

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from fleet.models.credential import Credential
from fleet.models.customer import Customer
from fleet.models.host import Host

if TYPE_CHECKING:
    from uuid import UUID


class Channel(models.TextChoices):
    """The way into a guest."""

    POWERSHELL_DIRECT = "powershell_direct", "Through its host (PowerShell Direct)"
    WINRM = "winrm", "WinRM to the guest itself"


class GuestAccess(models.Model):
    """A wish: these VMs, by a pattern over their names, with this credential.

    A name is no proof, since whoever may make or rename a VM chooses it. So a secret is sent to the VMs of `grants`
    only, which are told by their GUIDs and were confirmed under the name they had then. `unread_hosts`: hosts whose VMs
    nobody could know when the access was confirmed; what matches on their first reading is confirmed with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="guest_accesses")
    host = models.ForeignKey(Host, null=True, blank=True, on_delete=models.CASCADE, related_name="guest_accesses")
    vm_filter = models.CharField(max_length=200, help_text="A pattern with * and ? over VM names, case ignored")
    credential = models.ForeignKey(Credential, null=True, on_delete=models.SET_NULL, related_name="guest_accesses")
    channel = models.CharField(max_length=17, choices=Channel, default=Channel.POWERSHELL_DIRECT)
    address = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=255, blank=True, help_text="What the guest's certificate must be made out to")
    port = models.PositiveIntegerField(default=5986)
    certificate_sha256 = models.CharField(max_length=64, blank=True)
    timeout_seconds = models.PositiveIntegerField(default=30)
    detached_at = models.DateTimeField(null=True, blank=True, help_text="Changed, and not confirmed since")
    unread_hosts = models.ManyToManyField(Host, related_name="+", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel="powershell_direct") | ~Q(address=""), name="guest_access_by_winrm_has_an_address"
            ),
            models.CheckConstraint(
                condition=Q(timeout_seconds__gte=5, timeout_seconds__lte=100), name="guest_access_timeout_valid"
            ),
            models.UniqueConstraint(
                fields=["customer", "host", "vm_filter", "channel"],
                nulls_distinct=False,
                name="guest_access_unique_per_filter",
            ),
        ]
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.vm_filter} by {self.channel}"

    if TYPE_CHECKING:
        customer_id: UUID
        host_id: UUID | None
        credential_id: UUID | None


class GuestGrant(models.Model):
    """One VM that the access' credential may be sent to. `vm_name`: what it was called when that was confirmed.

    `refused_at`: when its guest last refused the credential; until the secret changes it is not tried again.
    """

    access = models.ForeignKey(GuestAccess, on_delete=models.CASCADE, related_name="grants")
    vm_guid = models.CharField(max_length=64)
    vm_name = models.TextField(blank=True)
    confirmed_at = models.DateTimeField(auto_now_add=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["access", "vm_guid"], name="guest_grant_unique_per_access")]
        ordering = ["vm_name", "vm_guid"]

    def __str__(self) -> str:
        return f"{self.vm_name} ({self.vm_guid})"

    if TYPE_CHECKING:
        access_id: UUID
