"""The envelope every probe section is sent in: which section, how it ended, what is missing and why."""

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from audits.judgement.evidence.types import Text
from audits.judgement.words import Section, SectionStatus

# Version of the envelope and of every section's shape. A host that answers with another one is not understood.
SCHEMA_VERSION = 1

type_of_gap = Literal["denied", "absent", "failed", "timed_out", "refused", "truncated", "skipped"]


class Gap(Struct, frozen=True, kw_only=True):
    """One thing a section could not read. `what` is a field path, as `shadow_storage` or `vms.disks`."""

    what: Text
    why: type_of_gap
    detail: Text | None = None  # error id or error type; never localised message text


class Envelope(Struct, frozen=True, kw_only=True):
    """One section as the probe writes it. `data` is decoded with the section's own type."""

    section: Section
    schema_version: int
    probe_version: Text
    status: SectionStatus
    reason: Text | None = None
    duration_ms: Annotated[int, Meta(ge=0)] = 0
    gaps: Annotated[tuple[Gap, ...], Meta(max_length=1000)] = ()
    data: Raw = Raw(b"null")
