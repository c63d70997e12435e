"""How many VMs are predicted what: summed from the one row per host, fresh evidence apart from stale."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from audits.queries.age import fresh_since
from fleet.models import Customer

COUNTS = {
    "live": "live_vms",
    "crash_consistent": "crash_consistent_vms",
    "already_offline": "already_offline_vms",
    "unknown": "unknown_vms",
    "saved_state": "saved_state_vms",
    "backup_fails": "backup_fails_vms",
}
_OTHERS = ("saved_state_sure_vms", "host_side_ready_vms", "depends_on_backup_path_vms", "conflict_vms")
_REACHED = ("succeeded", "partial")


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


def total(tallies: Iterable[Tally]) -> Tally:
    result = Tally()
    for tally in tallies:
        result.add(tally)
    return result


def with_tallies(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """The customers with the sums that `tally_of` reads: one query, however many hosts."""
    fresh = Q(hosts__state__evidence_at__gte=fresh_since())
    stale = Q(hosts__state__evidence_at__lt=fresh_since())
    every_vm = sum((F(f"hosts__state__{column}") for column in COUNTS.values()), start=F("hosts__state__live_vms") * 0)
    sums = {
        f"sum_{column}": Coalesce(Sum(f"hosts__state__{column}", filter=fresh), 0)
        for column in (*COUNTS.values(), *_OTHERS)
    }
    return customers.annotate(
        **sums,
        sum_stale_vms=Coalesce(Sum(every_vm, filter=stale), 0),
        host_count=Count("hosts"),
        reached_count=Count("hosts", filter=Q(hosts__state__last_outcome__in=_REACHED)),
        read_count=Count("hosts", filter=Q(hosts__state__evidence_at__isnull=False)),
    )


def tally_of(customer: Customer) -> Tally:
    """The tally of a customer that came from `with_tallies`."""
    row = vars(customer)
    return Tally(
        counts={word: row[f"sum_{column}"] for word, column in COUNTS.items()},
        saved_for_sure=row["sum_saved_state_sure_vms"],
        host_side_ready=row["sum_host_side_ready_vms"],
        depends_on_backup_path=row["sum_depends_on_backup_path_vms"],
        conflicts=row["sum_conflict_vms"],
        stale_vms=row["sum_stale_vms"],
        hosts=row["host_count"],
        hosts_reached=row["reached_count"],
        hosts_never_read=row["host_count"] - row["read_count"],
    )
