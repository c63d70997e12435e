"""The seam between the protocol and a host: a pipeline goes in, records come out.

To give a simulated host something to say, write a `SectionSource`; to let it answer raw commands too, hand that to
`simulator.windows_engine.WindowsEngine`. To replace everything, write an `Engine`.
"""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from simulator.faults import Faults


@dataclass(frozen=True)
class Command:
    """One command of a pipeline: a script or a cmdlet name, with what was bound to it."""

    text: str
    is_script: bool = True
    parameters: Mapping[str, object] = field(default_factory=dict)
    arguments: tuple[object, ...] = ()


@dataclass(frozen=True)
class Pipeline:
    """What the client asked to run."""

    commands: tuple[Command, ...]
    input: tuple[object, ...] = ()


@dataclass(frozen=True)
class Output:
    """An object on the output stream."""

    value: str | int | bool | None


@dataclass(frozen=True)
class Error:
    """A record on the error stream; the pipeline goes on (Write-Error)."""

    message: str
    fully_qualified_id: str = "Microsoft.PowerShell.Commands.WriteErrorException"
    exception_type: str = "Microsoft.PowerShell.Commands.WriteErrorException"
    activity: str = "Write-Error"
    category: int = 0  # NotSpecified


@dataclass(frozen=True)
class Throw:
    """A terminating error: the pipeline ends as failed, and the record travels inside its state."""

    message: str
    fully_qualified_id: str = ""  # PowerShell repeats the message for a thrown string
    exception_type: str = "System.Management.Automation.RuntimeException"
    activity: str = ""
    category: int = 14  # OperationStopped


@dataclass(frozen=True)
class Progress:
    """A progress record."""

    activity: str
    status: str = " "
    percent_complete: int = -1


@dataclass(frozen=True)
class Information:
    """A record on the information stream (Write-Information, and Write-Host since 5.0)."""

    message: str
    source: str = "Write-Information"


@dataclass(frozen=True)
class Warn:
    """A record on the warning stream."""

    message: str


Record = Output | Error | Throw | Progress | Information | Warn


@dataclass(frozen=True)
class Session:
    """Who asks, and on which host.

    `visible_functions` None: any script may run; else only these functions, called by name (NoLanguage).
    """

    computer_name: str
    user: str
    powershell_version: str
    faults: Faults
    visible_functions: tuple[str, ...] | None = None


class Engine(Protocol):
    """Runs pipelines for one host."""

    def run(self, pipeline: Pipeline, session: Session) -> AsyncIterator[Record]:
        """Yield the records of ``pipeline`` as they arise; it is closed early when the client stops it."""
        ...


class SectionSource(Protocol):
    """A host as the probe sees it: the only thing that a description of a Windows host has to offer."""

    def pacing_seconds(self, name: str) -> float:
        """How long this host takes to answer section ``name``; 0 for at once."""
        ...

    async def read_section(self, name: str) -> str:
        """The string that the probe would emit for section ``name``: base64 of gzip of a JSON envelope.

        Raises KeyError for a section which this host's probe does not know.
        """
        ...


@runtime_checkable
class GuestSource(SectionSource, Protocol):
    """A host whose guests can be asked as well, with what was bound to the probe: GuestList and GuestCredentials."""

    async def read_guests(self, parameters: Mapping[str, object]) -> str:
        """The string that the probe would emit for section `guests`."""
        ...


clock_offset_seconds: ContextVar[float] = ContextVar("clock_offset_seconds", default=0.0)


def host_now() -> datetime.datetime:
    """The time as the host whose pipeline is running believes it to be (UTC); a wrong clock is a fault."""
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=clock_offset_seconds.get())
