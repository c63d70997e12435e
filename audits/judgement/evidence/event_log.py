"""How far back an event log reaches. Shared by the sections that read events."""

from typing import ClassVar

from audits.judgement.evidence.types import Bytes, Evidence, Text, Time


class EventLog(Evidence, frozen=True, kw_only=True):
    """One log. A log that wrapped within the window proves nothing by silence."""

    VOLATILE: ClassVar[tuple[str, ...]] = ("record_count", "file_bytes", "oldest_at")

    log: Text
    record_count: Bytes | None = None
    file_bytes: Bytes | None = None
    max_bytes: Bytes | None = None  # about 1 MB by default: a busy host wraps within days
    oldest_at: Time | None = None
    readable: bool | None = None
