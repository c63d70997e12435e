"""What the next backup does to a VM, as predicted now, and the closed intervals of earlier predictions."""

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fleet.models import Customer, Host, VirtualMachine

if TYPE_CHECKING:
    from uuid import UUID


class Verdict(models.Model):
    """One row per known VM. `host` is the node that showed it last; name and node are attributes, not identity."""

    virtual_machine = models.OneToOneField(
        VirtualMachine, primary_key=True, on_delete=models.CASCADE, related_name="verdict"
    )
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="verdicts")
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="verdicts")
    name = models.TextField()
    vm_state = models.CharField(max_length=12)
    backup_path = models.CharField(max_length=7)
    verdict = models.CharField(max_length=16)
    verdict_vss = models.CharField(max_length=16)
    verdict_wmi = models.CharField(max_length=16, null=True)
    confidence = models.CharField(max_length=6)
    depends_on_backup_path = models.BooleanField(default=False)
    conflict = models.BooleanField(default=False)
    host_side_ready = models.BooleanField(default=False)
    writer_says = models.CharField(max_length=8)
    writer_since_at = models.DateTimeField(null=True, help_text="Since when the writer says this")
    observed = models.CharField(max_length=9, default="not_read")
    observed_reason = models.TextField(blank=True, help_text="What the third witness saw, or why it saw nothing")
    causes = ArrayField(models.CharField(max_length=16), default=list)
    unknowns = ArrayField(models.CharField(max_length=16), default=list)
    unknown_reasons = ArrayField(models.TextField(), default=list, help_text="In the order of `unknowns`")
    sentence = models.TextField(blank=True, help_text="The verdict in one sentence for a technician")
    since_at = models.DateTimeField(help_text="Since when the verdict is this one")
    read_at = models.DateTimeField()
    run_id = models.UUIDField(null=True)
    missing_since_at = models.DateTimeField(
        null=True, help_text="Its node was read whole without it, and not every node of its cluster since"
    )

    class Meta:
        indexes = [
            models.Index(fields=["customer", "verdict"], name="verdict_by_customer"),
            models.Index(fields=["host"], name="verdict_by_host"),
            models.Index(fields=["verdict"], name="verdict_by_word"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.verdict}"

    if TYPE_CHECKING:
        customer_id: UUID
        host_id: UUID
        virtual_machine_id: UUID


class VerdictInterval(models.Model):
    """A time during which the verdict of a VM was what it no longer is; `became` is what followed."""

    virtual_machine = models.ForeignKey(VirtualMachine, on_delete=models.CASCADE, related_name="verdict_intervals")
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="verdict_intervals")
    verdict = models.CharField(max_length=16)
    confidence = models.CharField(max_length=6)
    causes = ArrayField(models.CharField(max_length=16), default=list)
    became = models.CharField(max_length=16)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-to_at"], name="verdict_interval_newest"),
            models.Index(fields=["virtual_machine", "-to_at"], name="verdict_interval_history"),
        ]

    def __str__(self) -> str:
        return f"{self.virtual_machine_id}: {self.verdict} until {self.to_at}"


class WriterInterval(models.Model):
    """A time during which the VSS writer said of a VM what it no longer says; `became` is what it said next."""

    virtual_machine = models.ForeignKey(VirtualMachine, on_delete=models.CASCADE, related_name="writer_intervals")
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="writer_intervals")
    writer_says = models.CharField(max_length=8)
    became = models.CharField(max_length=8)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["virtual_machine", "-to_at"], name="writer_interval_history")]

    def __str__(self) -> str:
        return f"{self.virtual_machine_id}: the writer said {self.writer_says} until {self.to_at}"
