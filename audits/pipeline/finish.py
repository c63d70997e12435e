"""The end of one audit: outcome, evidence, results and verdicts in one transaction, fenced by the attempt number."""

import hashlib
import json
from collections import Counter
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction
from django.utils import timezone

from audits.judgement.contradictions import Contradiction
from audits.judgement.judge import Judgement
from audits.judgement.outcomes import Outcome
from audits.judgement.words import Scope
from audits.models import HostState, Trigger
from audits.pipeline.claim import Claim, ClaimLost
from audits.pipeline.counters import refresh_counters, write_rollup
from audits.pipeline.forget import forget_vms
from audits.pipeline.home import Home, home_of, virtual_machine_ids
from audits.pipeline.moved_episodes import of_moved_vms
from audits.pipeline.nights import note_coverage, schedule_of
from audits.pipeline.path_setting import BackupPathChanged, effective_path_while_storing
from audits.pipeline.progress import as_shown
from audits.pipeline.reading import Reading
from audits.pipeline.reconcile import reconcile
from audits.pipeline.sightings import missed_by_all_nodes, seen_younger_elsewhere, vanished_from
from audits.pipeline.store_episodes import store_episodes
from audits.pipeline.store_evidence import store_evidence
from audits.pipeline.store_plan import write_plan
from audits.pipeline.store_results import as_new, stored_results, write_results
from audits.pipeline.store_verdicts import write_verdicts
from fleet.models import Host

# Raise it when what is stored for the same judgement changes: every host is then written anew at its next audit.
LAYOUT = 2

# More than this is one broken source and not many facts; the page says how many there are at most.
MOST_CONTRADICTIONS = 200

# Beyond PostgreSQL's integer; no Windows build comes near.
_LARGEST_BUILD = 2**31 - 1

_END = """
    UPDATE audits_hostaudit SET state = %s, cause = %s, detail = %s, sections = %s, samples = %s, verdicts = %s,
           probe_version = %s, stage = '', finished_at = %s, lease_expires_at = NULL
    WHERE id = %s AND attempt = %s AND state = 'running'
"""
_FORGET_DIGESTS = (
    "UPDATE audits_hoststate SET results_digest = '', verdicts_digest = '' WHERE host_id = ANY(%s::uuid[])"
)


def finish(claim: Claim, host: Host, reading: Reading, judgement: Judgement | None) -> None:
    """Store it all, or nothing. Raises ClaimLost when the claim is no longer ours, BackupPathChanged when the verdicts
    were made for another backup path than the one that is set now.

    `judgement` is None unless the evidence is usable. An audit that repeats the one before writes its own row, the
    rollup and the host's state, and no result, verdict or evidence.
    """
    at = timezone.now()
    with transaction.atomic():
        _end_audit(claim, reading, judgement, at)
        if judgement is not None and judgement.backup_path != effective_path_while_storing(host.id, host.customer_id):
            raise BackupPathChanged(f"audit {claim.id}: the backup path of {host.name} was set while it was read")
        known_home = HostState.objects.get_or_create(host=host)[0]
        home = home_of(host, known_home, reading.evidence) if reading.is_usable and reading.evidence else None
        state = HostState.objects.select_for_update().get(host=host)
        if home is not None and judgement is not None:
            _store_judgement(claim, host, reading, judgement, state, home, reading.read_at or at)
        if reading.ending.outcome is not Outcome.CANCELLED:
            _note_outcome(state, claim, reading, at)


def _end_audit(claim: Claim, reading: Reading, judgement: Judgement | None, at: datetime) -> None:
    ending = reading.ending
    samples = {str(arrival.section.section): arrival.section.samples for arrival in reading.arrivals}
    verdicts = Counter(str(verdict.verdict) for verdict in judgement.verdicts) if judgement else {}
    values: list[Any] = [
        str(ending.outcome),
        ending.code or "",
        ending.detail[:1000],
        json.dumps([as_shown(arrival.section) for arrival in reading.arrivals]),
        msgspec.json.encode({name: sample for name, sample in samples.items() if sample}).decode(),
        json.dumps(verdicts),
        reading.probe_version,
        at,
        claim.id,
        claim.attempt,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_END, values)
        if cursor.rowcount != 1:
            raise ClaimLost(f"audit {claim.id}, attempt {claim.attempt}: its lease was lost, so nothing is written")


def _store_judgement(
    claim: Claim, host: Host, reading: Reading, judgement: Judgement, state: HostState, home: Home, at: datetime
) -> None:
    assert reading.evidence is not None
    state.sections = store_evidence(
        reading, state.sections, run_id=claim.run_id, at=at, saw_all_vms=judgement.saw_all_vms
    )
    write_rollup(judgement.results, run_id=claim.run_id, host_id=host.id)
    note_coverage(state, reading.evidence, at)
    episodes = [*judgement.episodes, *of_moved_vms(judgement.episodes_of_others, home)]
    store_episodes(episodes, home=home, schedule=schedule_of(host), run_id=claim.run_id, at=at)
    backup_path = str(judgement.backup_path)
    results_digest = _digest(home.cluster_id, list(reading.evidence.readings), judgement.results)
    verdicts_digest = _digest(home.cluster_id, judgement.saw_all_vms, backup_path, judgement.verdicts)
    is_changed = (state.results_digest, state.verdicts_digest) != (results_digest, verdicts_digest)
    affected = _write_changes(claim, reading, judgement, home, backup_path, at) if is_changed else set()
    identity = reading.evidence.identity
    build = identity.os_build if identity else None
    state.os_build = build if build is None or 0 <= build <= _LARGEST_BUILD else None
    state.host_class = str(reading.evidence.host_class)
    state.cluster_id = home.cluster_id
    state.evidence_at = at
    state.evidence_run_id = claim.run_id
    state.probe_version = reading.probe_version
    state.contradictions = [_as_stored(each) for each in judgement.contradictions[:MOST_CONTRADICTIONS]]
    state.results_digest, state.verdicts_digest = results_digest, verdicts_digest
    if home.cluster_id is not None or affected:
        state.save()
        gone = missed_by_all_nodes(home)
        forget_vms(gone, run_id=claim.run_id, at=at)
        if gone and home.cluster_id is not None:
            affected |= set(HostState.objects.filter(cluster_id=home.cluster_id).values_list("host_id", flat=True))
        refresh_counters(affected)
        state.refresh_from_db()


def _write_changes(
    claim: Claim, reading: Reading, judgement: Judgement, home: Home, backup_path: str, at: datetime
) -> set[Any]:
    """Write results, verdicts and the plan; the hosts whose counters change by it."""
    seen_at = next((arrival.at for arrival in reading.arrivals if arrival.section.section == "vms"), at)
    vm_ids = virtual_machine_ids(home, [verdict.vm_id for verdict in judgement.verdicts])
    if home.cluster_id is not None:
        elsewhere = seen_younger_elsewhere(home.host_id, vm_ids.values(), seen_at)
        vm_ids = {guid: vm_id for guid, vm_id in vm_ids.items() if vm_id not in elsewhere}
    if judgement.saw_all_vms:
        forget_vms(vanished_from(home, vm_ids.values(), seen_at), run_id=claim.run_id, at=at)
    changes = reconcile(
        stored_results(home.host_id, vm_ids.values()),
        as_new(judgement.results, home.host_id, vm_ids),
        host_id=home.host_id,
        resolved_subject_types=_resolved_types(reading, judgement),
    )
    write_results(changes, host_id=home.host_id, run_id=claim.run_id, at=at)
    write_plan(judgement, vm_ids, host_id=home.host_id)
    moved_from = write_verdicts(
        judgement.verdicts, vm_ids, home=home, backup_path=backup_path, run_id=claim.run_id, at=at
    )
    if moved_from:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET_DIGESTS, [list(moved_from)])
    return {home.host_id, *moved_from}


def _resolved_types(reading: Reading, judgement: Judgement) -> frozenset[str]:
    """Subject types whose absence is evidence: what a rule says of the host itself always is."""
    types = {"host", "cluster"}
    if judgement.saw_all_vms:
        types.add("vm")
    if reading.evidence is not None and reading.evidence.volumes is not None:
        types.add("volume")
    return frozenset(types)


def _as_stored(contradiction: Contradiction) -> dict[str, str | None]:
    about = contradiction.subject
    return {
        "kind": contradiction.kind,
        "vm_id": about.id if about.type is Scope.VM else None,
        "subject": about.name,
        "sentence": contradiction.sentence,
    }


def _digest(*parts: object) -> str:
    return hashlib.sha256(msgspec.json.encode((LAYOUT, *parts))).hexdigest()


def _note_outcome(state: HostState, claim: Claim, reading: Reading, at: datetime) -> None:
    """The last outcome of any kind; evidence, results and verdicts of earlier audits stay what they are."""
    ending = reading.ending
    state.last_audit_id = claim.id
    state.last_outcome = str(ending.outcome)
    state.last_cause = ending.code or ""
    state.last_finished_at = at
    if claim.queue == Trigger.UPLOADED:
        pass  # nobody tried to reach the host
    elif ending.outcome is not Outcome.UNREACHABLE:
        state.failures_in_a_row = 0
    elif ending.code != "circuit_open":
        state.failures_in_a_row += 1
    state.save()
