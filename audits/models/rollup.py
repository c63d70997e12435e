"""How many results of each kind a rule had on a host in one run: what dashboards and trends read."""

from django.db import models

from audits.models.audit_run import AuditRun
from fleet.models import Host


class RunRollup(models.Model):
    run = models.ForeignKey(AuditRun, on_delete=models.CASCADE, related_name="rollups")
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(max_length=16)
    passed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    not_applicable = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "host", "rule"], name="run_rollup_unique")]

    def __str__(self) -> str:
        return f"{self.rule} on {self.host_id} in {self.run_id}"
