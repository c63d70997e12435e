"""Which host to audit, how to reach and trust it, for how long, with which secret, and what to ask: plain values."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from audits.judgement.words import Section

# The PSSessionConfiguration that every Windows with WinRM has.
DEFAULT_ENDPOINT = "Microsoft.PowerShell"
# The one function of our JEA endpoint, see audits.collect.jea.
JEA_FUNCTION = "Read-FleetAuditEvidence"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """All in seconds. The whole audit of a host, cleaning up included, is over after `hard_seconds`."""

    soft_seconds: float = 120  # a large host answers in 20 s, the slowest seen needs 60: then the script is stopped
    hard_seconds: float = 150  # then the sockets are shut down, whatever the host is doing
    connect_seconds: float = 8  # two lost SYNs (1 s + 2 s) and a slow VPN; longer is "down"
    answer_seconds: float = 20  # silence on a connection; the host answers a poll within `poll_seconds`
    poll_seconds: int = 5  # the operation timeout of one Receive: a cancel is seen no later than this
    cleanup_seconds: float = 5  # for stopping the script and deleting the shell, taken from the hard deadline's end


@dataclass(frozen=True, slots=True)
class Target:
    """`address` is what the guard checks and resolves; `name` is what TLS and Kerberos must prove.

    With `certificate_sha256` (64 lower-case hex digits of the leaf) the pin decides instead of CA, name and validity;
    without it `ca_pem` does, or the system's CAs if that is empty too. Nothing is checked over http, where every
    message is encrypted under the session key of the sign-in instead. `endpoint_name` is the PSSessionConfiguration.
    """

    address: str
    name: str
    port: int
    scheme: Literal["https", "http"] = "https"
    auth: Literal["ntlm", "kerberos", "certificate"] = "ntlm"
    username: str = ""
    certificate_sha256: str = ""
    ca_pem: str = ""
    endpoint_name: str = DEFAULT_ENDPOINT
    deadlines: Deadlines = field(default_factory=Deadlines)

    @property
    def endpoint(self) -> str:
        host = f"[{self.name}]" if ":" in self.name else self.name
        return f"{self.scheme}://{host}:{self.port}/wsman"

    @property
    def resource_uri(self) -> str:
        """What WS-Management calls the PowerShell endpoint (MS-PSRP 3.1.5.3.1)."""
        return f"http://schemas.microsoft.com/powershell/{self.endpoint_name}"


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, or for `certificate` the PEM of certificate and unencrypted key. It never shows itself."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GuestCredential:
    """How to sign in to guests. It travels to a Hyper-V host as a PSCredential, its password as a SecureString."""

    username: str
    secret: Secret = field(repr=False)


class Request(Protocol):
    """One script with its parameters. Values travel as parameters and never become script text."""

    def __hash__(self) -> int: ...
    @property
    def script(self) -> str: ...
    @property
    def function(self) -> str:
        """The function to call instead of running the script; empty: the script."""

    @property
    def parameters(self) -> tuple[tuple[str, str | int], ...]: ...
    @property
    def credentials(self) -> tuple[GuestCredential, ...]:
        """What only a session with exchanged keys may carry."""


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """What the probe is asked for. The script is fixed.

    `function`: call the function of this name instead, with the same parameters. An endpoint without a language (JEA)
    takes nothing else; its module holds the probe. `guest_list` names the guests to ask (`VM id,number of its
    credential,seconds` joined by semicolons), `credentials` what each of them is signed in to with; `guest_seconds` is
    the limit for all of them together.
    """

    script: str = field(repr=False)
    function: str = ""
    sections: tuple[Section, ...] = tuple(Section)
    event_days: int = 14
    section_seconds: int = 60  # half of the soft deadline: one slow section leaves room for the others
    writer_seconds: int = 60
    guest_list: str = ""
    guest_seconds: int = 60
    credentials: tuple[GuestCredential, ...] = ()

    @property
    def parameters(self) -> tuple[tuple[str, str | int], ...]:
        asked: tuple[tuple[str, str | int], ...] = (
            ("Sections", ",".join(self.sections)),
            ("EventDays", self.event_days),
            ("SectionSeconds", self.section_seconds),
            ("WriterSeconds", self.writer_seconds),
        )
        if not self.guest_list:
            return asked
        return (*asked, ("GuestList", self.guest_list), ("GuestSeconds", self.guest_seconds))


@dataclass(frozen=True, slots=True)
class GuestRequest:
    """What a guest that is signed in to by itself is asked for: the same script that PowerShell Direct runs there."""

    script: str = field(repr=False)
    event_days: int = 14
    writer_seconds: int = 20

    @property
    def parameters(self) -> tuple[tuple[str, str | int], ...]:
        return (("EventDays", self.event_days), ("WriterSeconds", self.writer_seconds))

    @property
    def function(self) -> str:
        return ""

    @property
    def credentials(self) -> tuple[GuestCredential, ...]:
        return ()
