"""Numbers per host, so that a fleet page sums a thousand rows and not a million."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import connection

from audits.judgement.result import Result
from audits.judgement.words import ResultWord

_REFRESH = """
    UPDATE audits_hoststate state SET
        live_vms = vms.live, crash_consistent_vms = vms.crash_consistent, saved_state_vms = vms.saved_state,
        saved_state_sure_vms = vms.saved_state_sure, backup_fails_vms = vms.backup_fails,
        already_offline_vms = vms.already_offline, unknown_vms = vms.unknown, host_side_ready_vms = vms.host_side_ready,
        depends_on_backup_path_vms = vms.depends, conflict_vms = vms.conflict,
        failing_results = results.failing, unknown_results = results.unknown
    FROM (
        SELECT host.id,
            count(*) FILTER (WHERE verdict = 'live') AS live,
            count(*) FILTER (WHERE verdict = 'crash_consistent') AS crash_consistent,
            count(*) FILTER (WHERE verdict = 'saved_state') AS saved_state,
            count(*) FILTER (WHERE verdict = 'saved_state' AND confidence IN ('high', 'medium')) AS saved_state_sure,
            count(*) FILTER (WHERE verdict = 'backup_fails') AS backup_fails,
            count(*) FILTER (WHERE verdict = 'already_offline') AS already_offline,
            count(*) FILTER (WHERE verdict = 'unknown') AS unknown,
            count(*) FILTER (WHERE host_side_ready) AS host_side_ready,
            count(*) FILTER (WHERE depends_on_backup_path) AS depends,
            count(*) FILTER (WHERE conflict) AS conflict
        FROM unnest(%(hosts)s::uuid[]) AS host(id)
        LEFT JOIN audits_verdict verdict ON verdict.host_id = host.id AND verdict.missing_since_at IS NULL
        GROUP BY host.id
    ) vms, (
        SELECT host.id,
            count(*) FILTER (WHERE result IN ('fail', 'error')) AS failing,
            count(*) FILTER (WHERE result = 'unknown') AS unknown
        FROM unnest(%(hosts)s::uuid[]) AS host(id) LEFT JOIN audits_result result ON result.host_id = host.id
        GROUP BY host.id
    ) results
    WHERE vms.id = state.host_id AND results.id = state.host_id
"""
_WRITE_ROLLUP = """
    INSERT INTO audits_runrollup (run_id, host_id, rule, passed, failed, errors, unknown, not_applicable)
    SELECT %s, %s, new.* FROM unnest(%s::text[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[]) AS new
"""
_ROLLUP_ORDER = (ResultWord.PASS, ResultWord.FAIL, ResultWord.ERROR, ResultWord.UNKNOWN, ResultWord.NOT_APPLICABLE)


def refresh_counters(host_ids: Collection[UUID]) -> None:
    """Count the current verdicts and results of these hosts anew."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, {"hosts": list(host_ids)})


def write_rollup(results: Iterable[Result], *, run_id: UUID, host_id: UUID) -> None:
    """How many results of each kind every rule had on this host in this run. One row per rule."""
    counts: dict[str, dict[ResultWord, int]] = defaultdict(lambda: dict.fromkeys(_ROLLUP_ORDER, 0))
    for result in results:
        counts[result.rule][result.result] += 1
    columns = [[count[word] for count in counts.values()] for word in _ROLLUP_ORDER]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_ROLLUP, [run_id, host_id, list(counts), *columns])
