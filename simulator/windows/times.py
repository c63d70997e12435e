"""Times as .NET's round-trip format writes them, in UTC."""

from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def whole_hour(moment: datetime) -> datetime:
    """The hour a moment lies in: what must not differ from one reading to the next is counted from there."""
    return moment.replace(minute=0, second=0, microsecond=0)
