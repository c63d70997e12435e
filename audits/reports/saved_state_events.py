"""Report `saved_state_events`: one row per time that a VM was seen in a saved state, excluded ones included."""

from collections.abc import Iterator

from django.db.models import QuerySet

from audits.models import Episode
from audits.reports import known
from audits.reports.csv_rows import csv_rows, guarded, time_in_utc, true_or_false

_SECONDS = "EXTRACT(epoch FROM episode.restored_at - episode.saved_at)"

COLUMNS = {
    "schema_version": str(known.SCHEMA_VERSION),
    "episode_id": "episode.id",
    "customer_id": "customer.id",
    "customer": guarded("customer.name"),
    "host_id": "host.id",
    "host": guarded("host.name"),
    "vm_id": "vm.guid",
    "vm": guarded("episode.vm"),
    "saved_at": time_in_utc("episode.saved_at"),
    "restored_at": time_in_utc("episode.restored_at"),
    "duration_seconds": f"trim_scale(round({_SECONDS}, 1))",
    # NULL: no window is entered and nothing on the host shows a backup.
    "in_backup_window": f"CASE WHEN episode.in_backup_window IS NOT NULL THEN "
    f"{true_or_false('episode.in_backup_window')} END",
    "excluded_reason": "episode.excluded_reason",
    "evidence_at": time_in_utc("episode.evidence_at"),
    "run_id": "episode.run_id",
}
_SOURCE = """
    FROM audits_episode episode
    JOIN fleet_virtualmachine vm ON vm.id = episode.virtual_machine_id
    JOIN fleet_host host ON host.id = episode.host_id
    JOIN fleet_customer customer ON customer.id = episode.customer_id
    WHERE episode.id IN ({chosen})
"""
_ORDER = "customer.name, host.name, episode.vm, vm.guid, episode.saved_at, episode.id"


def saved_state_events_csv(episodes: QuerySet[Episode]) -> Iterator[bytes]:
    """The report for these episodes, as chunks of CSV. Scope and filter are the query set's."""
    return csv_rows(COLUMNS, _SOURCE, _ORDER, episodes.order_by().values("id"), [])
