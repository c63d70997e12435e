"""One section as the probe would have read it, before it is put into its envelope."""

from dataclasses import dataclass, field
from typing import Literal

Why = Literal["denied", "absent", "failed", "timed_out", "refused", "truncated", "skipped"]

# What Get-CimInstance says of a namespace that is not there, as where Hyper-V is not installed.
NO_NAMESPACE = "HRESULT 0x8004100e,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"


@dataclass(frozen=True)
class Gap:
    """Something that could not be read; `what` is a field path of the section."""

    what: str
    why: Why
    detail: str | None = None


@dataclass(frozen=True)
class Reading:
    """The section's data, what is missing from it, and how reading it ended."""

    data: dict[str, object] | None
    gaps: list[Gap] = field(default_factory=list)
    status: str = "ok"
    reason: str | None = None
