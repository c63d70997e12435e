"""Section `vm_events`: the single events that speak of a VM's life, of backups, and of the host's. No message text.

The window begins at midnight UTC, so that rows fall out of it once a day and not at every audit; what moves with the
clock is volatile. A quiet host therefore keeps its hash for a day, and one that logged something gets one new document.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from audits.judgement.evidence.event_log import EventLog
from audits.judgement.evidence.types import Bytes, Evidence, Guid, Text, Time


class Event(Evidence, frozen=True, kw_only=True):
    """One event of the log, newest first. Nothing of its message; `vm_id` is data of the event."""

    log: Text | None = None
    provider: Text
    event_id: int  # low 16 bits
    version: int | None = None
    level: int | None = None  # 1 critical, 2 error, 3 warning, 4 information
    record_id: Bytes | None = None  # counts within one log of one host
    at: Time | None = None
    vm_id: Guid | None = None  # lower case


class EventSource(Evidence, frozen=True, kw_only=True):
    """One provider that was asked. `read` False: silence of this provider proves nothing."""

    provider: Text
    read: bool = False
    truncated: bool | None = None  # there were more events than were read; the newest ones were


class EventMeaning(Evidence, frozen=True, kw_only=True):
    """What the host's own manifest says of one id: that this build knows it, and its text in the session's language."""

    provider: Text
    event_id: int
    version: int | None = None
    level: int | None = None
    text: Annotated[str, Meta(max_length=200)] | None = None  # localised: display only


class VmEvents(Evidence, frozen=True, kw_only=True):
    VOLATILE: ClassVar[tuple[str, ...]] = ("window_to",)

    window_days: int | None = None
    window_from: Time | None = None  # midnight UTC
    window_to: Time | None = None
    events: tuple[Event, ...] | None = None
    sources: tuple[EventSource, ...] | None = None
    logs: tuple[EventLog, ...] | None = None
    meanings: tuple[EventMeaning, ...] | None = None
