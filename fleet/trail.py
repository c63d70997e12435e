"""The audit trail: who did what to which object, appended only, every entry chained to the one before it."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from fleet.access import Viewer
from fleet.accounts.models import User
from fleet.models import TrailEntry

# An advisory lock makes "read the last hash, append the next" one step; the number only has to be nobody else's.
TRAIL_LOCK = 0x7261696C


def record(actor: Viewer | None, action: str, subject: str, **detail: Any) -> None:
    """Append one entry. `actor` None is the server's own command line. `detail` must hold no secret."""
    person = actor if isinstance(actor, User) else None
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TRAIL_LOCK])
        last = TrailEntry.objects.order_by("-id").values_list("hash", flat=True).first() or ""
        entry = TrailEntry(
            at=timezone.now(),
            actor=person,
            actor_name=person.username if person else "command line",
            action=action,
            subject=subject[:300],
            detail=detail,
        )
        entry.hash = _hash_of(entry, last)
        entry.save(force_insert=True)


def broken_entries() -> Iterator[TrailEntry]:
    """Entries whose hash does not follow from the entry before: changed, removed or inserted rows show here."""
    last = ""
    for entry in TrailEntry.objects.order_by("id").iterator():
        if entry.hash != _hash_of(entry, last):
            yield entry
        last = entry.hash


def _hash_of(entry: TrailEntry, previous: str) -> str:
    content = json.dumps(
        [previous, entry.at.isoformat(), entry.actor_name, entry.action, entry.subject, entry.detail],
        sort_keys=True,
        ensure_ascii=True,
    )
    return hashlib.sha256(content.encode()).hexdigest()
