"""Section `services`: start mode and state of the Windows services a backup depends on."""

from audits.judgement.evidence.types import Evidence, Text


class Service(Evidence, frozen=True, kw_only=True):
    """One row of Win32_Service. `start_mode` and `state` are not localised."""

    name: Text
    start_mode: Text | None = None  # Auto, Manual, Disabled
    state: Text | None = None  # Running, Stopped, ...


class Services(Evidence, frozen=True, kw_only=True):
    """The services asked for; one that is not installed is absent from the list."""

    services: tuple[Service, ...] | None = None
