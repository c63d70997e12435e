"""Times as the probe writes them, and as a sentence tells them."""

from datetime import UTC, datetime, timedelta


def moment_of(text: str | None) -> datetime | None:
    """An ISO 8601 time as the probe writes it, aware; None when absent or not a time."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def in_words(moment: datetime) -> str:
    """`2026-11-20 22:01:13`, in UTC. Hours are what a technician compares with a backup job's log."""
    return moment.astimezone(UTC).isoformat(" ", "seconds")[:19]


def length_in_words(length: timedelta) -> str:
    """`9 s` below two minutes, `12 min` below two hours, else `5 h`: as exact as it matters."""
    seconds = round(length.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{round(seconds / 60)} min" if seconds < 7200 else f"{round(seconds / 3600)} h"
