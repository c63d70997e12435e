"""What a scenario intends: how the audit of a host ends, and what is concluded of every VM.

Derived by hand from the verdict's table, never by running the product: the test that compares the two would prove
nothing otherwise. Only what is said is compared; None means "not said".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class IntendedVerdict:
    """What the product is to conclude of one VM."""

    verdict: str
    confidence: str
    causes: tuple[str, ...] = ()
    verdict_vss: str | None = None
    verdict_wmi: str | None = None
    depends_on_backup_path: bool | None = None
    conflict: bool | None = None
    writer_says: str | None = None
    observed: str | None = None


@dataclass(frozen=True, kw_only=True)
class IntendedHost:
    """How the audit of one host is to end.

    `failing`: exactly the rules that fail somewhere on the host. `vms`: by VM id, in the order of the scenario; empty
    where nothing is concluded because nothing was read.
    """

    outcome: str
    cause: str | None = None
    failing: tuple[str, ...] | None = None
    vms: Mapping[str, IntendedVerdict] = field(default_factory=dict)
