"""A simulated host: what a scenario says about it, and what it remembers while it runs."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from simulator.engine import Engine, Session
from simulator.faults import (
    CertificateChanged,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateWrongName,
    Fault,
    Faults,
    OldTls,
    WrongClock,
)
from simulator.windows_engine import WindowsEngine
from simulator.wire.sign_in import AccountBook
from simulator.wire.tls import Certificate, CertificateStore, Issuer, Variant, server_context

if TYPE_CHECKING:
    from simulator.wire.shells import Shell

DEFAULT_PORTS: Mapping[str, int] = {"https": 5986, "http": 5985}

_VARIANTS: Mapping[type[Fault], Variant] = {
    CertificateChanged: "changed",
    CertificateExpired: "expired",
    CertificateNotYetValid: "not_yet_valid",
    CertificateWrongName: "wrong_name",
}


@dataclass(frozen=True)
class Quotas:
    """WinRM's defaults since Server 2012 (MaxShellsPerUser, MaxConcurrentCommandsPerShell)."""

    shells_per_user: int = 30
    commands_per_shell: int = 1000


@dataclass(frozen=True)
class HostDefinition:
    """One host of an estate, as `simulator.estates.load(name) -> list[HostDefinition]` hands it over.

    ``name`` is the computer name and must be unique within an estate; ``dns_names`` are what its certificate is made
    out to (the computer name alone if empty). ``port`` 0 means the scheme's default, -1 any free one.
    """

    name: str
    address: str
    accounts: Mapping[str, str]
    dns_names: tuple[str, ...] = ()
    scheme: Literal["https", "http"] = "https"
    port: int = 0
    certificate: Issuer = "self_signed"
    faults: tuple[Fault, ...] = ()
    engine: Engine = field(default_factory=WindowsEngine)
    powershell_version: str = "5.1.14393.2248"
    build: str = "10.0.14393.2248"
    protocol_version: str = "2.3"  # 2.2 on PowerShell 3.0 and 4.0
    opens_pool_in_three_answers: bool = False  # seen now and then: the capability comes by itself
    endpoints: tuple[str, ...] = ("Microsoft.PowerShell",)
    jea_endpoints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # name -> the functions it shows
    quotas: Quotas = Quotas()
    allows_basic: bool = False
    checks_channel_binding: bool = True
    client_certificates: Mapping[str, str] = field(default_factory=dict)  # PEM text -> user
    lockout_threshold: int = 10  # rejected attempts in a row; 0 never locks


@dataclass
class Counters:
    """What happened on a host since it was started or reset."""

    connections: int = 0
    tls_failures: int = 0
    requests: int = 0
    authorization_headers: int = 0
    sign_in_attempts: int = 0
    sign_ins_rejected: int = 0
    shells_created: int = 0
    shells_deleted: int = 0
    shells_expired: int = 0
    pipelines: int = 0
    sections_delivered: int = 0
    key_exchanges: int = 0


class SimulatedHost:
    """The running state of one host; everything here happens on the fleet's event loop."""

    def __init__(self, definition: HostDefinition, store: CertificateStore, account_file: Path) -> None:
        self.definition = definition
        self.port = definition.port or DEFAULT_PORTS[definition.scheme]
        self.faults = Faults(definition.faults)
        self.counters = Counters()
        self.accounts = AccountBook(account_file, definition.name, definition.accounts, definition.lockout_threshold)
        self.shells: dict[str, Shell] = {}
        self._store = store
        self._contexts: dict[tuple[Variant, bool], tuple[ssl.SSLContext, Certificate]] = {}
        self._skipped_seconds = 0.0

    def reset(self) -> None:
        """Back to the definition: its faults and accounts, no shells, counters at zero."""
        for shell in list(self.shells.values()):
            self.remove_shell(shell)
        self.faults = Faults(self.definition.faults)
        self.counters = Counters()
        for user, password in self.definition.accounts.items():
            self.accounts.set_password(user, password)

    def certificate(self) -> Certificate:
        """The certificate that the host serves just now; a fault may have replaced the good one."""
        definition = self.definition
        names = definition.dns_names or (definition.name,)
        return self._store.certificate(names, definition.address, definition.certificate, self._variant())

    def tls(self) -> tuple[ssl.SSLContext, Certificate]:
        """The TLS context for the next connection, and the certificate it serves."""
        key = (self._variant(), OldTls in self.faults)
        if key not in self._contexts:
            certificate = self.certificate()
            trusted = tuple(self.definition.client_certificates)
            context = server_context(certificate, old=key[1], client_certificates=trusted)
            self._contexts[key] = (context, certificate)
        return self._contexts[key]

    def _variant(self) -> Variant:
        return next((variant for fault, variant in _VARIANTS.items() if fault in self.faults), "good")

    def has_endpoint(self, name: str) -> bool:
        """Whether a PowerShell endpoint of this name is registered; case does not matter."""
        return name.lower() in {each.lower() for each in (*self.definition.endpoints, *self.definition.jea_endpoints)}

    def session(self, user: str, endpoint: str = "") -> Session:
        """What a pipeline of ``user`` at this endpoint knows about itself."""
        shown = {name.lower(): functions for name, functions in self.definition.jea_endpoints.items()}
        return Session(
            self.definition.name,
            user,
            self.definition.powershell_version,
            self.faults,
            visible_functions=shown.get(endpoint.lower()),
        )

    def clock_offset_seconds(self) -> float:
        """How wrong the host's clock is."""
        wrong = self.faults.get(WrongClock)
        return wrong.seconds if wrong else 0.0

    def wall_clock(self) -> float:
        """Seconds since the epoch, as the host believes."""
        return time.time() + self.clock_offset_seconds()

    def uptime(self) -> float:
        """The host's monotonic clock, which tests move on with `pass_time` instead of waiting."""
        return asyncio.get_running_loop().time() + self._skipped_seconds

    def pass_time(self, seconds: float) -> None:
        """Let shells grow older without waiting."""
        self._skipped_seconds += seconds
        self.expire_idle_shells()

    def expire_idle_shells(self) -> None:
        """Remove the shells that nobody used for their idle timeout."""
        now = self.uptime()
        for shell in [each for each in self.shells.values() if each.is_idle_at(now)]:
            self.remove_shell(shell)
            self.counters.shells_expired += 1

    def remove_shell(self, shell: Shell) -> None:
        """End a shell and whatever runs in it."""
        self.shells.pop(shell.id.upper(), None)
        shell.close()

    def report(self) -> dict[str, object]:
        """Everything that a test or an operator may want to know, as JSON values."""
        accounts = {
            user: {
                "attempts": each.attempts,
                "rejected": each.rejected,
                "rejected_in_a_row": each.rejected_in_a_row,
            }
            for user, each in self.accounts.by_user.items()
        }
        https = self.definition.scheme == "https"
        return {
            **asdict(self.counters),
            "open_shells": len(self.shells),
            "accounts": accounts,
            "faults": [fault.as_data() for fault in self.faults],
            "address": self.definition.address,
            "port": self.port,
            "fingerprint": self.certificate().fingerprint if https else "",
        }
