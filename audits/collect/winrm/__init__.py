"""The transport: WinRM and PowerShell remoting to one host at a time. The only package that knows pypsrp."""

from audits.collect.winrm.errors import TransportError
from audits.collect.winrm.session import read_sections
from audits.collect.winrm.target import Deadlines, ProbeRequest, Secret, Target
from audits.collect.winrm.watchdog import Watchdog

__all__ = ["Deadlines", "ProbeRequest", "Secret", "Target", "TransportError", "Watchdog", "read_sections"]
