"""Section `writers`: VSS writer states, and the Hyper-V writer's own word for every VM."""

from audits.judgement.evidence.types import Evidence, Guid, Text

HYPER_V_WRITER = "66841cd4-6ded-4f4b-8f17-fd23f8ddc3de"


class Writer(Evidence, frozen=True, kw_only=True):
    """One writer of `vssadmin list writers`; the bracketed number, not the localised word."""

    writer_id: Guid  # lower case, without braces
    name: Text | None = None
    state: int | None = None  # 1 stable, 2-4 waiting, 5 waiting for backup complete (normal), 6-15 failed
    last_error: Text | None = None  # localised: display only


class Component(Evidence, frozen=True, kw_only=True):
    """One VM in the Hyper-V writer's metadata (diskshadow, `list writers detailed`)."""

    vm_id: Guid  # lower case
    caption: Text | None = None  # `<prefix>\<display name>`


class Writers(Evidence, frozen=True, kw_only=True):
    """`components` None: diskshadow is missing, refused standard input, or was not allowed; the gap says which."""

    writers: tuple[Writer, ...] | None = None
    components: tuple[Component, ...] | None = None
