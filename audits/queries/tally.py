"""How many VMs are predicted what: summed from the one row per host, fresh evidence apart from stale."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import BooleanField, Case, When

from audits.queries.age import REACHED, fresh
from fleet import access
from fleet.access import Viewer

COUNTS = {
    "live": "live_vms",
    "crash_consistent": "crash_consistent_vms",
    "already_offline": "already_offline_vms",
    "unknown": "unknown_vms",
    "saved_state": "saved_state_vms",
    "backup_fails": "backup_fails_vms",
}
_OTHERS = ("saved_state_sure_vms", "host_side_ready_vms", "depends_on_backup_path_vms", "conflict_vms")


@dataclass(slots=True)
class Tally:
    """`counts` holds the VMs of fresh evidence per verdict word; stale VMs are counted apart and left out of shares."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    saved_for_sure: int = 0
    host_side_ready: int = 0
    depends_on_backup_path: int = 0
    conflicts: int = 0
    stale_vms: int = 0
    hosts: int = 0
    hosts_reached: int = 0
    hosts_never_read: int = 0
    newest_at: datetime | None = None

    @property
    def ready(self) -> int:
        return self.counts["live"]

    @property
    def countable(self) -> int:
        """M of "N of M": every VM seen in fresh evidence except those already offline; unknown is in M."""
        return self.vms - self.counts["already_offline"]

    @property
    def vms(self) -> int:
        return sum(self.counts.values())

    @property
    def saved_maybe(self) -> int:
        return self.counts["saved_state"] - self.saved_for_sure

    @property
    def has_evidence(self) -> bool:
        return bool(self.vms or self.stale_vms)

    @property
    def trouble(self) -> tuple[int, int, int]:
        """What "worst first" sorts by."""
        return (
            self.counts["saved_state"] + self.counts["backup_fails"],
            self.counts["unknown"] + self.counts["crash_consistent"],
            self.hosts - self.hosts_reached,
        )

    def add(self, other: "Tally") -> None:
        for word, count in other.counts.items():
            self.counts[word] += count
        self.saved_for_sure += other.saved_for_sure
        self.host_side_ready += other.host_side_ready
        self.depends_on_backup_path += other.depends_on_backup_path
        self.conflicts += other.conflicts
        self.stale_vms += other.stale_vms
        self.hosts += other.hosts
        self.hosts_reached += other.hosts_reached
        self.hosts_never_read += other.hosts_never_read
        self.newest_at = max(filter(None, (self.newest_at, other.newest_at)), default=None)


def total(tallies: Iterable[Tally]) -> Tally:
    result = Tally()
    for tally in tallies:
        result.add(tally)
    return result


def tallies(viewer: Viewer) -> dict[UUID, Tally]:
    """One tally per customer in view that has hosts. One query of one row per host."""
    columns = [f"state__{column}" for column in (*COUNTS.values(), *_OTHERS)]
    rows = (
        access.hosts(viewer)
        .annotate(is_fresh=Case(When(fresh("state__"), then=True), default=False, output_field=BooleanField()))
        .order_by()
        .values_list("customer_id", "is_fresh", "state__last_outcome", "state__evidence_at", *columns)
    )
    found: dict[UUID, Tally] = {}
    for customer_id, is_fresh, outcome, evidence_at, *numbers in rows:
        tally = found.setdefault(customer_id, Tally())
        tally.hosts += 1
        tally.hosts_reached += outcome in REACHED
        if evidence_at is None:
            tally.hosts_never_read += 1
            continue
        tally.newest_at = max(tally.newest_at or evidence_at, evidence_at)
        if not is_fresh:
            tally.stale_vms += sum(numbers[: len(COUNTS)])
            continue
        for word, number in zip(COUNTS, numbers, strict=False):
            tally.counts[word] += number
        sure, host_side_ready, depends, conflicts = numbers[len(COUNTS) :]
        tally.saved_for_sure += sure
        tally.host_side_ready += host_side_ready
        tally.depends_on_backup_path += depends
        tally.conflicts += conflicts
    return found
