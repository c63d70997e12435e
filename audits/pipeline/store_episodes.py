"""Episodes into the database: each once, beside the verdict that stood when it began."""

import json
import logging
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from audits.judgement.episodes.episode import Episode as ReadEpisode
from audits.judgement.episodes.episode import EpisodeSource, Exclusion
from audits.judgement.words import Confidence
from audits.models import Episode, Schedule
from audits.pipeline.home import Home, virtual_machine_ids
from audits.pipeline.same_episode import KnownEpisodes, together
from audits.timetable import Timetable

logger = logging.getLogger(__name__)

# Of one reading. The probe reads 4,000 events of a provider of Hyper-V at most, and an episode is two of them.
MOST_EPISODES = 5000
# Readings of the same save lie seconds apart; further back nothing can be the same.
_SLACK = timedelta(hours=1)
# A customer without a schedule still has nights, from noon to noon UTC.
_WITHOUT_WINDOW = Timetable(datetime.min.time(), datetime.max.time(), "UTC", weekdays=())

_FIELDS = {
    "virtual_machine_id": "uuid",
    "vm": "text",
    "saved_at": "timestamptz",
    "restored_at": "timestamptz",
    "night": "date",
    "source": "text",
    "confidence": "text",
    "is_proof": "boolean",
    "in_backup_window": "boolean",
    "evidence_for_window": "text",
    "excluded_reason": "text",
    "why_excluded": "text",
    "doubt": "text",
    "contradiction": "text",
}
_COLUMNS = ", ".join(_FIELDS)
_RECORD = ", ".join(["id uuid", *(f"{name} {kind}" for name, kind in _FIELDS.items())])
_NEW_ROWS = f"jsonb_to_recordset(%(rows)s::jsonb) AS new({_RECORD})"

# The verdict that stood at the save: an interval that has ended since, or the current one. What this audit predicts
# began after it.
_INSERT = f"""
    INSERT INTO audits_episode (id, {_COLUMNS}, customer_id, host_id, predicted, predicted_confidence, evidence_at,
                                run_id)
    SELECT new.id, {", ".join(f"new.{name}" for name in _FIELDS)}, %(customer)s, %(host)s,
           COALESCE(stood.verdict, ''), COALESCE(stood.confidence, ''), %(at)s, %(run)s
    FROM {_NEW_ROWS} LEFT JOIN LATERAL (
        SELECT verdict, confidence FROM audits_verdictinterval past
        WHERE past.virtual_machine_id = new.virtual_machine_id
          AND past.from_at <= new.saved_at AND past.to_at > new.saved_at
        UNION ALL
        SELECT verdict, confidence FROM audits_verdict now
        WHERE now.virtual_machine_id = new.virtual_machine_id AND now.since_at <= new.saved_at
        LIMIT 1
    ) stood ON true
    ON CONFLICT (virtual_machine_id, saved_at) DO NOTHING
"""
_UPDATE = f"""
    UPDATE audits_episode SET {", ".join(f"{name} = new.{name}" for name in _FIELDS)}, evidence_at = %(at)s,
           run_id = %(run)s
    FROM {_NEW_ROWS} WHERE audits_episode.id = new.id
"""


def store_episodes(
    episodes: Collection[ReadEpisode],
    *,
    home: Home,
    schedule: Schedule | None,
    run_id: UUID,
    at: datetime,
) -> None:
    """Write those that are new and those of which more is known now; one that says nothing new costs no write.

    `schedule`: the customer's, by whose windows the episodes were judged. Call it before this audit's verdicts are
    written, within its transaction. One look-up and at most one statement of each kind, however many there are.
    """
    if not episodes:
        return
    timetable = schedule.timetable if schedule else _WITHOUT_WINDOW
    newest = sorted(episodes, key=lambda episode: episode.saved_at)[-MOST_EPISODES:]
    if len(newest) < len(episodes):
        logger.warning("host %s: %d older episodes are left out", home.host_id, len(episodes) - len(newest))
    vm_ids = virtual_machine_ids(home, {episode.vm_id for episode in newest})
    ids = _known(vm_ids.values(), newest[0].saved_at - _SLACK)
    known = {vm_id: KnownEpisodes(ids.get(vm_id, {})) for vm_id in vm_ids.values()}
    added: dict[str, dict[str, Any]] = {}
    changed: dict[UUID, dict[str, Any]] = {}
    for read in newest:
        vm_id = vm_ids[read.vm_id]
        before = known[vm_id].same_as(read)
        if before is None:
            added[read.key] = _as_row(uuid4(), vm_id, read, timetable)
            continue
        stored = ids[vm_id][before]
        windows_changed = schedule is not None and schedule.changed_at > stored.evidence_at
        after = together(before, read, windows_changed=windows_changed)
        row = _as_row(stored.pk, vm_id, after, timetable)
        if after != before or row["night"] != stored.night.isoformat():
            changed[stored.pk] = row
    values: dict[str, Any] = {"customer": home.customer_id, "host": home.host_id, "run": run_id, "at": at}
    with connection.cursor() as cursor:
        for statement, rows in ((_INSERT, added.values()), (_UPDATE, changed.values())):
            if rows:
                cursor.execute(statement, {**values, "rows": json.dumps(list(rows))})


def _known(vm_ids: Iterable[UUID], since: datetime) -> dict[UUID, dict[ReadEpisode, Episode]]:
    """The stored rows per VM, by what they say."""
    found: dict[UUID, dict[ReadEpisode, Episode]] = {}
    rows = Episode.objects.filter(virtual_machine__in=list(vm_ids), saved_at__gte=since)
    for row in rows.select_related("virtual_machine"):
        found.setdefault(row.virtual_machine_id, {})[_as_read(row)] = row
    return found


def _as_read(row: Episode) -> ReadEpisode:
    return ReadEpisode(
        vm_id=row.virtual_machine.guid,
        vm=row.vm,
        saved_at=row.saved_at,
        restored_at=row.restored_at,
        excluded_reason=None if row.excluded_reason is None else Exclusion(row.excluded_reason),
        why_excluded=row.why_excluded,
        in_backup_window=row.in_backup_window,
        evidence_for_window=row.evidence_for_window,
        confidence=Confidence(row.confidence),
        source=EpisodeSource(row.source),
        doubt=row.doubt,
        contradiction=row.contradiction,
    )


def _as_row(row_id: UUID, vm_id: UUID, episode: ReadEpisode, timetable: Timetable) -> dict[str, Any]:
    return {
        "id": str(row_id),
        "virtual_machine_id": str(vm_id),
        "vm": episode.vm,
        "saved_at": episode.saved_at.isoformat(),
        "restored_at": None if episode.restored_at is None else episode.restored_at.isoformat(),
        "night": timetable.night_of(episode.saved_at).isoformat(),
        "source": episode.source,
        "confidence": episode.confidence,
        "is_proof": episode.is_proof,
        "in_backup_window": episode.in_backup_window,
        "evidence_for_window": episode.evidence_for_window,
        "excluded_reason": episode.excluded_reason,
        "why_excluded": episode.why_excluded,
        "doubt": episode.doubt,
        "contradiction": episode.contradiction,
    }
