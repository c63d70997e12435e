"""Section `guest_facts`: what guests tell the host through Data Exchange. Guest-controlled text: hostile."""

from audits.judgement.evidence.types import Evidence, Guid, Text


class Guest(Evidence, frozen=True, kw_only=True):
    """The intrinsic Data Exchange items of one VM."""

    vm_id: Guid  # lower case
    os_name: Text | None = None
    os_version: Text | None = None  # "10.0", "6.1"; Linux: kernel release
    os_build: Text | None = None
    os_platform: Text | None = None  # OSPlatformId: 2 Windows NT
    product_type: Text | None = None
    service_pack: Text | None = None  # CSDVersion
    fully_qualified_domain_name: Text | None = None
    integration_version: Text | None = None
    rejected_items: int | None = None  # items that were too long or no plain XML


class GuestFacts(Evidence, frozen=True, kw_only=True):
    """A VM without an entry did not exchange data."""

    guests: tuple[Guest, ...] | None = None
