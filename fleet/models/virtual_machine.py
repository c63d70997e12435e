"""The bare identity of a VM: its home and its GUID. Everything a host says about it lives in audits."""

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from fleet.models.customer import Customer
from fleet.models.host import Host

if TYPE_CHECKING:
    from uuid import UUID


class Cluster(models.Model):
    """A failover cluster of a customer: the home of its clustered hosts' VMs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="clusters")
    cluster_key = models.CharField(max_length=255, help_text="The cluster's GUID, or its name where that is unknown")
    name = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "cluster_key"], name="cluster_unique_per_customer")]

    def __str__(self) -> str:
        return self.name


class VirtualMachine(models.Model):
    """Home (a cluster, or else a host) and VM GUID. The same GUID in another home is another VM."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="virtual_machines")
    cluster = models.ForeignKey(Cluster, null=True, on_delete=models.CASCADE, related_name="virtual_machines")
    host = models.ForeignKey(Host, null=True, on_delete=models.CASCADE, related_name="virtual_machines")
    guid = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cluster=None, host__isnull=False) | Q(cluster__isnull=False, host=None),
                name="virtual_machine_has_one_home",
            ),
            models.UniqueConstraint(
                fields=["cluster", "guid"], condition=Q(host=None), name="virtual_machine_unique_in_cluster"
            ),
            models.UniqueConstraint(
                fields=["host", "guid"], condition=Q(cluster=None), name="virtual_machine_unique_on_host"
            ),
        ]
        indexes = [models.Index(fields=["guid"], name="virtual_machine_guid")]

    def __str__(self) -> str:
        return self.guid

    if TYPE_CHECKING:
        customer_id: UUID
        cluster_id: UUID | None
        host_id: UUID | None
