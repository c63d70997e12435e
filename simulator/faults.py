"""Everything that can be wrong with a host, one class per fault; scenario files name them, tests set them at run time.

A fault is data: ``{"name": "break_off", "after_sections": 2}`` and ``BreakOff(after_sections=2)`` are the same.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, cast


@dataclass(frozen=True)
class Fault:
    """Base of all faults."""

    @classmethod
    def name(cls) -> str:
        """The fault's name in scenario files: its class name in snake case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def as_data(self) -> dict[str, object]:
        """The fault as scenario files write it."""
        return {"name": self.name(), **dataclasses.asdict(self)}


# --- before any request -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Down(Fault):
    """Nothing listens on the port: connection refused."""


@dataclass(frozen=True)
class BlackHole(Fault):
    """Connections are accepted and never answered, not even the TLS handshake."""


@dataclass(frozen=True)
class DropsConnections(Fault):
    """Connection attempts are swallowed without an answer, as by a firewall or a host that is off."""


@dataclass(frozen=True)
class SpeaksHttp(Fault):
    """The https port speaks plain http (the client sees WRONG_VERSION_NUMBER)."""


@dataclass(frozen=True)
class SpeaksHttps(Fault):
    """The http port speaks TLS (the client sees the connection closed)."""


@dataclass(frozen=True)
class OldTls(Fault):
    """The host offers TLS 1.0 and 1.1 only, as a Server 2012 without updates does."""


@dataclass(frozen=True)
class CertificateChanged(Fault):
    """Another, equally valid certificate than the one that was pinned."""


@dataclass(frozen=True)
class CertificateExpired(Fault):
    """The certificate's last day was yesterday."""


@dataclass(frozen=True)
class CertificateNotYetValid(Fault):
    """The certificate's first day is tomorrow."""


@dataclass(frozen=True)
class CertificateWrongName(Fault):
    """The certificate names another host, and not this address."""


# --- signing in ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RejectCredential(Fault):
    """Every sign-in is refused with 401, right password or not."""


@dataclass(frozen=True)
class OffersOnlyKerberos(Fault):
    """Only Kerberos is offered."""


@dataclass(frozen=True)
class OffersOnlyBasic(Fault):
    """Only Basic is offered."""


# --- something other than WinRM answers ---------------------------------------------------------------------------


@dataclass(frozen=True)
class NotWinrm(Fault):
    """An HTML error page answers: 404 or 503, of HTTP.sys without WinRM behind it, or of another server (XHTML)."""

    status: int = 404
    well_formed: bool = False


@dataclass(frozen=True)
class CaptivePortal(Fault):
    """A portal or proxy answers 200 with a HTML page."""


# --- WS-Man refuses -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AccessDenied(Fault):
    """Signed in, but not allowed to open a shell: fault 5."""


@dataclass(frozen=True)
class EndpointMissing(Fault):
    """The PowerShell endpoint is not registered: fault 2150858752."""


Quota = Literal["shells_per_user", "operations_per_user", "load", "users", "commands_per_shell"]


@dataclass(frozen=True)
class QuotaReached(Fault):
    """One of WinRM's quotas is used up by someone else."""

    quota: Quota = "shells_per_user"


# --- answers that are not what they should be ---------------------------------------------------------------------


@dataclass(frozen=True)
class WrongRelatesTo(Fault):
    """Every answer relates to a message that the client never sent."""


@dataclass(frozen=True)
class GarbageXml(Fault):
    """Every answer is 200 with bytes that are no XML."""


@dataclass(frozen=True)
class TruncatedBody(Fault):
    """Every answer announces its full length and ends half-way."""


@dataclass(frozen=True)
class ConnectionClose(Fault):
    """The connection is closed after every answer (other than a sign-in leg, which NTLM would not survive)."""


@dataclass(frozen=True)
class Drip(Fault):
    """Answers arrive at a few bytes per second, so no single socket read ever times out."""

    bytes_per_second: int = 100


# --- in the middle of the audit -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class BreakOff(Fault):
    """The connection is cut after n sections were delivered: RST or FIN. The shell stays behind until it idles out."""

    after_sections: int = 2
    how: Literal["rst", "fin"] = "rst"


@dataclass(frozen=True)
class ShellGone(Fault):
    """After n sections the shell no longer exists (WinRM restarted): fault 2150858843."""

    after_sections: int = 2


@dataclass(frozen=True)
class HangInReceive(Fault):
    """After n sections the host stops answering Receive: no data, no timeout fault."""

    after_sections: int = 0


@dataclass(frozen=True)
class HangingScript(Fault):
    """After n sections the script hangs while WinRM is well: every Receive ends in fault 2150858793."""

    after_sections: int = 0


@dataclass(frozen=True)
class DropKeyExchange(Fault):
    """The client's public key is taken and never answered, so no secret can be sent."""


@dataclass(frozen=True)
class HugeOutput(Fault):
    """A section is this large, as incompressible base64."""

    megabytes: int = 50
    section: str = ""  # empty: the first one asked for


@dataclass(frozen=True)
class NotJson(Fault):
    """A section decodes to text that is no JSON."""

    section: str = ""


@dataclass(frozen=True)
class TruncatedBase64(Fault):
    """A section breaks off in the middle of its base64."""

    section: str = ""


@dataclass(frozen=True)
class OldSchema(Fault):
    """A section carries schema version 0, from before there was one."""

    section: str = ""


@dataclass(frozen=True)
class NonTerminatingErrors(Fault):
    """Error records arrive beside good output."""

    count: int = 1


@dataclass(frozen=True)
class ScriptThrows(Fault):
    """The script ends with a terminating error after n sections."""

    after_sections: int = 0
    message: str = "simulated failure"


@dataclass(frozen=True)
class SlowSections(Fault):
    """Every section takes this many times as long."""

    factor: float = 4.0


@dataclass(frozen=True)
class WrongClock(Fault):
    """The host's clock is off by so many seconds; `simulator.engine.host_now` and the Date header follow it."""

    seconds: float = -3 * 3600.0


F = TypeVar("F", bound=Fault)

BY_NAME: Mapping[str, type[Fault]] = {kind.name(): kind for kind in Fault.__subclasses__()}


class UnknownFault(ValueError):
    """A scenario names a fault, or a parameter of one, that does not exist."""


def from_data(data: Mapping[str, object] | str) -> Fault:
    """The fault that a scenario file describes: a name, or a mapping with ``name`` and its parameters."""
    parameters = {"name": data} if isinstance(data, str) else dict(data)
    name = str(parameters.pop("name", ""))
    if name not in BY_NAME:
        raise UnknownFault(f"no fault is called {name!r}; there are: {', '.join(sorted(BY_NAME))}")
    kind = BY_NAME[name]
    known = {field.name for field in dataclasses.fields(kind)}
    if unknown := sorted(set(parameters) - known):
        raise UnknownFault(
            f"fault {name!r} has no parameter {unknown[0]!r}; it has: {', '.join(sorted(known)) or 'none'}"
        )
    return kind(**parameters)


class Faults:
    """The faults of one host: at most one of each kind, changeable at any time."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._by_kind: dict[type[Fault], Fault] = {}
        self.set(*faults)

    def set(self, *faults: Fault) -> None:
        """Add faults; one of a kind that is already there is replaced."""
        self._by_kind.update({type(fault): fault for fault in faults})

    def clear(self) -> None:
        """Heal the host."""
        self._by_kind.clear()

    def get(self, kind: type[F]) -> F | None:
        """The fault of this kind, if the host has it."""
        return cast("F | None", self._by_kind.get(kind))

    def __contains__(self, kind: type[Fault]) -> bool:
        return kind in self._by_kind

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._by_kind.values())
