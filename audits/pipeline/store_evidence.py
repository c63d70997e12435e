"""Evidence into the database: a section's stable part once per content, and which content is the host's now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from audits.judgement.words import Section, SectionStatus
from audits.pipeline.reading import Reading

# What a page can show; a section that lost more than this says so by the length.
MOST_GAPS = 50

_INSERT = """
    INSERT INTO audits_evidencedocument (sha256, section, body, first_seen_at)
    SELECT new.sha256, new.section, new.body, now()
    FROM json_to_recordset(%s::json) AS new(sha256 text, section text, body jsonb)
    ON CONFLICT (sha256) DO NOTHING
"""
type_of_sections = dict[str, dict[str, Any]]


def store_evidence(
    reading: Reading, before: Mapping[str, Mapping[str, Any]], *, run_id: UUID, at: datetime, saw_all_vms: bool
) -> type_of_sections:
    """Store what is new; HostState.sections anew: the latest status of each section, and its last good content."""
    sections: type_of_sections = {name: dict(entry) for name, entry in before.items()}
    new: dict[str, tuple[str, msgspec.Raw]] = {}
    for arrival in reading.arrivals:
        section = arrival.section
        name = str(section.section)
        entry = {
            "status": str(section.status),
            "reason": section.reason,
            "duration_seconds": round(section.duration_seconds, 3),
            "gaps": [msgspec.to_builtins(gap) for gap in section.gaps[:MOST_GAPS]],
        }
        known = sections.get(name, {})
        if section.sha256 is not None and section.stable_json is not None:
            if known.get("sha256") != section.sha256:
                new[section.sha256] = (name, msgspec.Raw(section.stable_json))
            entry |= {"sha256": section.sha256, "read_at": at.isoformat(), "run_id": str(run_id)}
        elif section.status is SectionStatus.SKIPPED:
            entry |= {"sha256": None, "read_at": at.isoformat(), "run_id": str(run_id)}
        else:
            entry |= {
                key: known.get(key) for key in ("sha256", "read_at", "run_id", "seen_at", "whole") if key in known
            }
        if section.section is Section.VMS and section.sha256 is not None:
            entry |= {"seen_at": arrival.at.isoformat(), "whole": saw_all_vms}
        sections[name] = entry
    if new:
        with connection.cursor() as cursor:
            # In one order everywhere: two hosts with equal sections must not wait for each other. The bodies are JSON
            # already and travel as they are.
            rows = [{"sha256": sha256, "section": name, "body": body} for sha256, (name, body) in sorted(new.items())]
            cursor.execute(_INSERT, [msgspec.json.encode(rows).decode()])
    return sections
