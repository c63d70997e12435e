"""When evidence is too old to be counted."""

from datetime import datetime, timedelta

from django.utils import timezone

# A nightly audit that failed once leaves evidence of 24 to 26 hours; older than that, a whole backup night is missing.
STALE_AFTER = timedelta(hours=26)


def fresh_since() -> datetime:
    """Evidence read at this time or later is fresh."""
    return timezone.now() - STALE_AFTER


def is_stale(evidence_at: datetime | None) -> bool:
    """Whether evidence is too old to stand in a share. Evidence that never came is missing, not stale."""
    return evidence_at is not None and evidence_at < fresh_since()
