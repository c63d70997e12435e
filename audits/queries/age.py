"""Whether what is known of a host's VMs is fresh: the last audit reached the host and read its VMs."""

from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, F, Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import GreaterThanOrEqual

from audits.models import HostState

REACHED = ("succeeded", "partial")


def fresh(state: str = "") -> Q:
    """A filter for fresh VMs; `state` is the path to the host's state, with its trailing "__". As in the reports."""
    evidence_at = F(f"{state}evidence_at")
    vms_read_at = Cast(KeyTextTransform("read_at", KeyTransform("vms", f"{state}sections")), DateTimeField())
    reached = Q(**{f"{state}last_outcome__in": REACHED, f"{state}evidence_at__isnull": False})
    return reached & Q(GreaterThanOrEqual(Coalesce(vms_read_at, evidence_at), evidence_at))


def is_stale(state: HostState | None) -> bool:
    """The same for one host in hand. Evidence that never came is missing, not stale."""
    if state is None or state.evidence_at is None:
        return False
    if state.last_outcome not in REACHED:
        return True
    read_at = _moment(state.sections.get("vms", {}).get("read_at"))
    return read_at is not None and read_at < state.evidence_at


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
