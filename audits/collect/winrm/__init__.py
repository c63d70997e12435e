"""The transport: WinRM and PowerShell remoting to one host at a time. The only package that knows pypsrp."""

from audits.collect.winrm.errors import KeyExchangeFailed, TransportError
from audits.collect.winrm.session import read_sections
from audits.collect.winrm.target import (
    Deadlines,
    GuestCredential,
    GuestRequest,
    ProbeRequest,
    Request,
    Secret,
    Target,
)
from audits.collect.winrm.watchdog import Watchdog

__all__ = [
    "Deadlines",
    "GuestCredential",
    "GuestRequest",
    "KeyExchangeFailed",
    "ProbeRequest",
    "Request",
    "Secret",
    "Target",
    "TransportError",
    "Watchdog",
    "read_sections",
]
