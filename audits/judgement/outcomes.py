"""The closed list of outcomes and causes: how an audit of a host ends, why, and what to do next.

Pages, CSV, commands and docs take every word from here. `retry_helps` says whether the same audit may end
differently without anybody changing anything.
"""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How the audit of one host ended."""

    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    UNREACHABLE = "unreachable"
    DENIED = "denied"
    TIMED_OUT = "timed_out"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a host did not succeed: `message` says what happened, `next_step` what a technician does now."""

    outcome: Outcome
    code: str
    title: str
    message: str
    next_step: str
    retry_helps: bool


def _unreachable(code: str, title: str, message: str, next_step: str, *, retry_helps: bool) -> Cause:
    return Cause(Outcome.UNREACHABLE, code, title, message, next_step, retry_helps)


def _denied(code: str, title: str, message: str, next_step: str, *, retry_helps: bool = False) -> Cause:
    return Cause(Outcome.DENIED, code, title, message, next_step, retry_helps)


def _failed(code: str, title: str, message: str, next_step: str, *, retry_helps: bool) -> Cause:
    return Cause(Outcome.FAILED, code, title, message, next_step, retry_helps)


def _partial(code: str, title: str, message: str, next_step: str, *, retry_helps: bool) -> Cause:
    return Cause(Outcome.PARTIAL, code, title, message, next_step, retry_helps)


CAUSES: tuple[Cause, ...] = (
    _unreachable(
        "name_not_resolved",
        "Name does not resolve",
        "The host's name has no address in DNS as seen from the audit server.",
        "Check the name, or enter the host's IP address as its address.",
        retry_helps=False,
    ),
    _unreachable(
        "address_not_allowed",
        "Address not allowed",
        "The name leads to an address outside the customer's allowed networks; nothing was sent.",
        "Add the network to the customer if it is theirs; otherwise correct the host's address.",
        retry_helps=False,
    ),
    _unreachable(
        "connection_refused",
        "Connection refused",
        "The machine answered, but nothing listens on the WinRM port.",
        "Run 'winrm enumerate winrm/config/listener' on the host and open the port it names, or correct the port.",
        retry_helps=False,
    ),
    _unreachable(
        "connect_timed_out",
        "No connection",
        "No answer to the connection attempt: the host is down, or a firewall or VPN drops the packets.",
        "Check that the host is up and that its firewall and the VPN let the audit server reach the WinRM port.",
        retry_helps=True,
    ),
    _unreachable(
        "wrong_protocol",
        "http and https mixed up",
        "The port answered in the other protocol: https was asked of an http port, or http of an https port.",
        "Correct scheme and port: https is 5986, http is 5985.",
        retry_helps=False,
    ),
    _unreachable(
        "tls_refused",
        "TLS refused",
        "The host and the audit server found no common TLS version, or the host cut the handshake off.",
        "Enable TLS 1.2 on the host (Server 2012 and 2012 R2 need it switched on) and renew its certificate if it is weak.",
        retry_helps=False,
    ),
    _unreachable(
        "not_winrm",
        "Not a WinRM endpoint",
        "Something answered, but not WinRM: a web page, a portal, a proxy, or a service that is unavailable.",
        "Check the port and what listens there; on the host 'winrm quickconfig' shows whether WinRM runs.",
        retry_helps=True,
    ),
    _unreachable(
        "circuit_open",
        "Skipped after repeated failures",
        "Earlier attempts failed in the same way, so this scheduled audit left the host out.",
        "Mend the earlier cause, then audit the host on demand: that always tries once.",
        retry_helps=True,
    ),
    _denied(
        "certificate_unknown",
        "Certificate not trusted",
        "The host's certificate is neither signed by a trusted CA nor pinned; no credential was sent.",
        "Compare the fingerprint on the host, then pin it with trust_host, or enter the customer's CA.",
    ),
    _denied(
        "certificate_changed",
        "Certificate changed since it was pinned",
        "The host showed another certificate than the pinned one; no credential was sent.",
        "Find out why it changed. If it was renewed on purpose, pin the new one with trust_host --replace.",
    ),
    _denied(
        "certificate_expired",
        "Certificate expired",
        "The host's certificate is past its last day; no credential was sent.",
        "Renew the certificate of the host's WinRM listener, and check the clocks.",
    ),
    _denied(
        "certificate_not_yet_valid",
        "Certificate not yet valid",
        "The host's certificate begins in the future; no credential was sent.",
        "Check the clocks of the host and of the audit server.",
    ),
    _denied(
        "certificate_wrong_name",
        "Certificate for another name",
        "The host's certificate does not name this host; no credential was sent.",
        "Enter the name that stands in the certificate as the host's address, or renew the certificate with this name.",
    ),
    _denied(
        "credential_missing",
        "No credential",
        "No credential is assigned to this host, or its customer has none.",
        "Add a credential for the customer and assign it to the host.",
    ),
    _denied(
        "credential_detached",
        "Credential to be confirmed",
        "The host's address, port, transport or pin changed, so its credential was detached and not sent.",
        "Check where the host is now; then name its credential again with import_hosts, which confirms it.",
    ),
    _denied(
        "credential_rejected",
        "Sign-in rejected",
        "The host refused user name and password. It was tried once and then stopped, so the account is not locked out.",
        "Check user name, password, expiry and lock-out of the account, then audit the host again.",
    ),
    _denied(
        "auth_method_refused",
        "Sign-in method refused",
        "The host does not offer the sign-in method that is set for it.",
        "Choose a method the host offers, or enable this one in its WinRM service settings.",
    ),
    _denied(
        "access_denied",
        "Signed in, but not allowed",
        "User name and password are right, but the account may not open a remote session.",
        "Put the account into Remote Management Users on the host; for a JEA endpoint, into the group that it names.",
    ),
    _denied(
        "endpoint_missing",
        "PowerShell endpoint missing",
        "WinRM works, but the PowerShell endpoint asked for is not registered on the host.",
        "Run Enable-PSRemoting on the host, register the JEA endpoint, or correct the endpoint's name.",
    ),
    Cause(
        Outcome.TIMED_OUT,
        "no_answer",
        "No answer",
        "The connection was made, then the host went silent.",
        "Check the host's load; restarting its WinRM service helps when it hangs.",
        True,
    ),
    Cause(
        Outcome.TIMED_OUT,
        "deadline_passed",
        "Took too long",
        "The host answered too slowly to be read within its deadline.",
        "Audit again outside busy hours; raise the host's deadline if it is always this slow.",
        True,
    ),
    _failed(
        "not_hyper_v",
        "Not a Hyper-V host",
        "The Hyper-V role is not installed on this machine.",
        "Remove the host from the list, or correct its address.",
        retry_helps=False,
    ),
    _failed(
        "quota_reached",
        "WinRM quota reached",
        "The host has too many open shells, operations or users, or not enough memory for another one.",
        "Wait for other sessions to end, or restart WinRM on the host; then audit again.",
        retry_helps=True,
    ),
    _failed(
        "session_lost",
        "Session lost",
        "The session broke off before enough had been read: restart, network, or WinRM was stopped.",
        "Audit again; if it breaks at the same section, look at the host's WinRM and System logs.",
        retry_helps=True,
    ),
    _failed(
        "unintelligible_answer",
        "Answer not understood",
        "The host's answer is not what WinRM or the probe sends.",
        "Test the connection; look for a proxy or security product between audit server and host.",
        retry_helps=True,
    ),
    _failed(
        "answer_too_large",
        "Answer too large",
        "The host sent more than a Hyper-V host can have to say; reading was stopped.",
        "Report it: no real host should do this. The host may not be what it claims.",
        retry_helps=False,
    ),
    _failed(
        "probe_failed",
        "Probe failed",
        "The read-only probe could not run on the host, so nothing was read.",
        "Look at the error on the run's page: language mode, endpoint restrictions and antivirus are the usual reasons.",
        retry_helps=False,
    ),
    _failed(
        "unsupported_windows",
        "Windows version not supported",
        "This Windows has no Hyper-V module that the probe can ask (Server 2008 R2 and older).",
        "Judge this host by hand; its VMs are pulled into a saved state unless each of Microsoft's five conditions holds.",
        retry_helps=False,
    ),
    _failed(
        "configuration",
        "Audit server not set up for this",
        "The audit server lacks something this host needs: a CA file, Kerberos support, a KDC or a service principal.",
        "Read the detail, then complete the set-up of the audit server or choose another sign-in method.",
        retry_helps=False,
    ),
    _failed(
        "worker_lost",
        "Worker lost",
        "The worker that audited this host stopped three times before it had finished.",
        "Look at the worker's log; then re-run the failed hosts.",
        retry_helps=True,
    ),
    _partial(
        "section_failed",
        "A section could not be read",
        "Most of the host was read; at least one section failed.",
        "Open the host's page: the section's reason stands beside it.",
        retry_helps=True,
    ),
    _partial(
        "section_timed_out",
        "A section took too long",
        "Most of the host was read; at least one section did not finish in time.",
        "Audit again outside busy hours.",
        retry_helps=True,
    ),
    _partial(
        "rights_missing",
        "Rights missing",
        "Most of the host was read; the account may not read the rest.",
        "Give the account the missing rights, or declare the lower rights level for this host.",
        retry_helps=False,
    ),
    _partial(
        "session_lost",
        "Session lost midway",
        "The session broke off, but identity and virtual machines had arrived.",
        "Audit again; if it breaks at the same section, look at the host's WinRM and System logs.",
        retry_helps=True,
    ),
    _partial(
        "deadline_passed",
        "Too slow for the whole",
        "The deadline passed, but identity and virtual machines had arrived.",
        "Audit again outside busy hours.",
        retry_helps=True,
    ),
    Cause(
        Outcome.CANCELLED,
        "cancelled_by_user",
        "Cancelled",
        "The run was cancelled before this host was finished.",
        "Re-run the cancelled hosts when it suits.",
        True,
    ),
)

_BY_KEY = {(cause.outcome, cause.code): cause for cause in CAUSES}


def cause_of(outcome: Outcome | str, code: str) -> Cause:
    """The cause for an outcome and its code. Raises KeyError for a pair outside the closed list."""
    return _BY_KEY[(Outcome(outcome), code)]
