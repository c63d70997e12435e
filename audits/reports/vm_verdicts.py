"""Report `vm_verdicts` (contract C4): one row per known VM."""

from collections.abc import Iterator

from django.db.models import QuerySet

from audits.models import Verdict
from audits.reports import known
from audits.reports.csv_rows import csv_rows, guarded, time_in_utc, true_or_false

_VM = "'vm'"

COLUMNS = {
    "schema_version": str(known.SCHEMA_VERSION),
    "customer_id": "customer.id",
    "customer": guarded("customer.name"),
    "host_id": "host.id",
    "host": guarded("host.name"),
    "cluster": guarded("cluster.name"),
    "os_build": "state.os_build",
    "host_class": "state.host_class",
    "vm_id": "vm.guid",
    "vm": guarded("verdict.name"),
    "vm_state": "verdict.vm_state",
    "backup_path": "verdict.backup_path",
    "verdict": "verdict.verdict",
    "verdict_vss": "verdict.verdict_vss",
    "verdict_wmi": "verdict.verdict_wmi",
    "confidence": "verdict.confidence",
    "depends_on_backup_path": true_or_false("verdict.depends_on_backup_path"),
    "conflict": true_or_false("verdict.conflict"),
    "writer_says": "verdict.writer_says",
    "observed": "verdict.observed",
    "causes": "array_to_string(verdict.causes, ';')",
    "unknowns": "array_to_string(verdict.unknowns, ';')",
    "waived": "'false'",  # waivers come with a later version; the column is part of the contract
    "host_outcome": "state.last_outcome",
    "host_cause": "state.last_cause",
    "stale": true_or_false(f"verdict.missing_since_at IS NOT NULL OR {known.is_stale(_VM)}"),
    "evidence_at": time_in_utc(known.evidence_at(_VM)),
    "run_id": known.run_id(_VM),
}
_SOURCE = """
    FROM audits_verdict verdict
    JOIN fleet_virtualmachine vm ON vm.id = verdict.virtual_machine_id
    JOIN fleet_host host ON host.id = verdict.host_id
    JOIN fleet_customer customer ON customer.id = verdict.customer_id
    JOIN audits_hoststate state ON state.host_id = verdict.host_id
    LEFT JOIN fleet_cluster cluster ON cluster.id = vm.cluster_id
    WHERE verdict.virtual_machine_id IN ({chosen})
"""
_ORDER = "customer.name, host.name, verdict.name, vm.guid, vm.id"


def vm_verdicts_csv(verdicts: QuerySet[Verdict]) -> Iterator[bytes]:
    """The report for these verdicts, as chunks of CSV. Scope and filter are the query set's."""
    return csv_rows(COLUMNS, _SOURCE, _ORDER, verdicts.order_by().values("virtual_machine_id"), [])
