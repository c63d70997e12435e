"""Report `findings` (contract C5): one row per current result that is fail, error or unknown, or per result."""

from collections.abc import Iterator

from django.db.models import QuerySet

from audits.judgement.rules import RULES
from audits.models import Result
from audits.reports import known
from audits.reports.csv_rows import csv_rows, guarded, time_in_utc, true_or_false

_OWN_TYPE = "result.subject_type"

COLUMNS = {
    "schema_version": str(known.SCHEMA_VERSION),
    "finding_id": "result.id",
    "customer_id": "customer.id",
    "customer": guarded("customer.name"),
    "host_id": "host.id",
    "host": guarded("host.name"),
    "subject_type": "result.subject_type",
    "subject_id": "result.subject_id",
    "subject": guarded("result.subject"),
    "rule": "result.rule",
    "rule_version": "result.rule_version",
    "title": guarded("COALESCE(named.title, result.rule)"),
    "result": "result.result",
    "severity": "result.severity",
    "confidence": "result.confidence",
    "measured": guarded("result.measured"),
    "reason": guarded("result.reason"),
    "fix": "result.fix",
    "first_seen_at": time_in_utc("result.first_seen_at"),
    "last_seen_at": time_in_utc(known.evidence_at(_OWN_TYPE)),
    "waived_until": "NULL",  # waivers come with a later version; the column is part of the contract
    "stale": true_or_false(known.is_stale(_OWN_TYPE)),
    "evidence_at": time_in_utc(known.evidence_at(_OWN_TYPE)),
    "run_id": known.run_id(_OWN_TYPE),
}
_SOURCE = """
    FROM audits_result result
    JOIN fleet_host host ON host.id = result.host_id
    JOIN fleet_customer customer ON customer.id = host.customer_id
    JOIN audits_hoststate state ON state.host_id = result.host_id
    LEFT JOIN unnest(%s::text[], %s::text[]) AS named(rule, title) ON named.rule = result.rule
    WHERE result.id IN ({chosen})
"""
_ORDER = "customer.name, host.name, result.rule, result.subject_id, result.id"


def findings_csv(results: QuerySet[Result]) -> Iterator[bytes]:
    """The report for these results, as chunks of CSV. Scope and filter are the query set's."""
    titles = [list(RULES), [rule.title for rule in RULES.values()]]
    return csv_rows(COLUMNS, _SOURCE, _ORDER, results.order_by().values("id"), titles)
