"""Section `vss_events`: how often backup-related events were logged, by provider and id. No message text."""

from typing import ClassVar

from audits.judgement.evidence.event_log import EventLog
from audits.judgement.evidence.types import Evidence, Text, Time


class EventCount(Evidence, frozen=True, kw_only=True):
    """Events of one provider, id and level within the window.

    `codes`: the HRESULTs in their data, `0x` and eight digits in lower case; read of VSS 8193 only.
    """

    VOLATILE: ClassVar[tuple[str, ...]] = ("count", "first_at", "last_at")

    provider: Text
    event_id: int
    level: int | None = None  # 1 critical, 2 error, 3 warning, 4 information
    count: int = 0
    first_at: Time | None = None
    last_at: Time | None = None
    codes: tuple[Text, ...] | None = None


class VssEvents(Evidence, frozen=True, kw_only=True):
    VOLATILE: ClassVar[tuple[str, ...]] = ("window_from", "window_to")

    window_days: int | None = None
    window_from: Time | None = None
    window_to: Time | None = None
    counts: tuple[EventCount, ...] | None = None
    logs: tuple[EventLog, ...] | None = None
    truncated: bool | None = None  # a provider had more events than were read
