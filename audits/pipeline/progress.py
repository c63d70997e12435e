"""What a watching technician sees of a running audit, and the question whether it should stop."""

import json
import logging
import time
from typing import Any

from django.db import DatabaseError, connection

from audits.collect.sections import DecodedSection
from audits.pipeline.claim import Claim

logger = logging.getLogger(__name__)

# Sections of a fast host arrive in bursts; a page polls every two seconds and needs no finer steps than this.
LEAST_SECONDS_BETWEEN_WRITES = 0.25
# How long a cancelled run may go on talking to a silent host before its worker looks.
SECONDS_BETWEEN_LOOKS = 2.0

_WRITE = """
    UPDATE audits_hostaudit SET sections = %s, stage = %s FROM audits_auditrun run
    WHERE audits_hostaudit.id = %s AND attempt = %s AND audits_hostaudit.state = 'running'
      AND run.id = audits_hostaudit.run_id
    RETURNING run.cancel_requested_at IS NOT NULL
"""


def as_shown(section: DecodedSection) -> dict[str, Any]:
    """One entry of HostAudit.sections."""
    return {
        "section": str(section.section),
        "status": str(section.status),
        "reason": section.reason,
        "duration_seconds": round(section.duration_seconds, 3),
        "sha256": section.sha256,
    }


class Progress:
    """Writes arriving sections to the audit's row. Every write brings back whether to stop."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._sections: list[dict[str, Any]] = []
        self._written_at = 0.0
        self.is_cancelled = False
        self.is_lost = False

    @property
    def sections(self) -> list[dict[str, Any]]:
        return self._sections

    def add(self, section: DecodedSection) -> None:
        """A section has arrived."""
        self._sections.append(as_shown(section))
        if time.monotonic() - self._written_at >= LEAST_SECONDS_BETWEEN_WRITES:
            self._write("reading")

    def should_stop(self) -> bool:
        """Whether the run was cancelled or the claim lost. Looks at the database every two seconds at most."""
        if time.monotonic() - self._written_at >= SECONDS_BETWEEN_LOOKS:
            self._write("reading" if self._sections else "connecting")
        return self.is_cancelled or self.is_lost

    def _write(self, stage: str) -> None:
        self._written_at = time.monotonic()
        try:
            with connection.cursor() as cursor:
                values: list[Any] = [json.dumps(self._sections), stage, self._claim.id, self._claim.attempt]
                cursor.execute(_WRITE, values)
                row = cursor.fetchone()
        except DatabaseError as error:
            # A database that is away for a moment costs a watcher one step, not the host its audit.
            logger.warning("progress of %s not written: %s", self._claim.id, error)
            connection.close()
            return
        self.is_lost = row is None
        self.is_cancelled = bool(row and row[0])
