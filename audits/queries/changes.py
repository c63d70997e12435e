"""VMs whose prediction got worse, and how many got better, since a moment."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from audits.models import VerdictInterval
from audits.queries.words import BADNESS


@dataclass(frozen=True, slots=True)
class Changes:
    worse: list[VerdictInterval]
    worse_count: int
    better_count: int


def changes_since(intervals: QuerySet[VerdictInterval], moment: datetime, *, most: int = 6) -> Changes:
    """Newest first; a VM that only went off or came back is neither worse nor better. One query."""
    rows = list(
        intervals.filter(to_at__gte=moment)
        .select_related("virtual_machine__verdict", "host__customer")
        .order_by("-to_at")[:1000]
    )
    judged = [row for row in rows if row.verdict in BADNESS and row.became in BADNESS]
    worse = [row for row in judged if BADNESS[row.became] > BADNESS[row.verdict]]
    better = [row for row in judged if BADNESS[row.became] < BADNESS[row.verdict]]
    return Changes(worse[:most], len(worse), len(better))
