"""What the planner found for one host: which of its VMs can become live, by what work; one row per host."""

from typing import TYPE_CHECKING

from django.db import models

from audits.models.host_state import HostState

if TYPE_CHECKING:
    from uuid import UUID


class HostPlan(models.Model):
    """Written where verdicts are written, in the same transaction, and only when it changed.

    `groups`: [{rules, vms, minutes, steps, shared: {step: minutes}, off, risk, confidence, words: {verdict: VMs}}], as
    `judgement.planner.groups` describes them. `vm_ids` runs in parallel: the ids of each group's VMs. Apart, because
    the sums of a fleet need no ids. `live_if_*`: VMs that are live as soon as somebody says which backup path is taken.
    """

    state = models.OneToOneField(HostState, primary_key=True, on_delete=models.CASCADE, related_name="plan")
    groups = models.JSONField(default=list)
    vm_ids = models.JSONField(default=list)
    not_plannable_vms = models.PositiveIntegerField(default=0)
    live_if_vss_vms = models.PositiveIntegerField(default=0)
    live_if_wmi_vms = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"plan of {self.state_id}"

    if TYPE_CHECKING:
        state_id: UUID
