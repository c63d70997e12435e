"""What the transport raises, each where it is known what it means; `audits.collect.causes` names the cause."""


class TransportError(Exception):
    """Base of all that is raised on the way to a host and back."""


# --- before anything was said -----------------------------------------------------------------------------------


class ConnectionRefused(TransportError):
    """The machine answered that nothing listens on the port."""


class ConnectTimedOut(TransportError):
    """Nobody answered the connection attempt, or no route leads there."""


class WrongProtocol(TransportError):
    """https was asked of an http port, or http of an https port."""


class TlsRefused(TransportError):
    """The handshake failed for another reason than the certificate."""


class CertificateChanged(TransportError):
    """The certificate is not the pinned one. No credential was sent."""


# --- signing in -------------------------------------------------------------------------------------------------


class AuthMethodRefused(TransportError):
    """The host does not offer the sign-in method that is set for it. There is no falling back to another."""


class CredentialRejected(TransportError):
    """The host refused user name and password. It must not be tried again within this run."""


class Misconfigured(TransportError):
    """The audit server lacks something that this host needs."""


# --- talking ----------------------------------------------------------------------------------------------------


class NotWinRM(TransportError):
    """Something answered that does not speak WS-Management."""


class Fault(TransportError):
    """WinRM refused, with a sentence and a number: ERROR_WSMAN_* of winerror.h, a Win32 error, or none."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(f"WS-Management fault {code}: {reason or 'without a reason'}")
        self.code = code


class NoAnswer(TransportError):
    """The connection stands, and nothing comes."""


class SessionLost(TransportError):
    """The connection broke after it had worked."""


class Unintelligible(TransportError):
    """The answer is not what WinRM or PowerShell remoting sends."""


class AnswerTooLarge(TransportError):
    """The answer exceeds what a Hyper-V host can have to say. Reading was stopped."""


class DeadlinePassed(TransportError):
    """The host did not finish within its deadline."""


class ProbeFailed(TransportError):
    """The script ended with a terminating error."""


class KeyExchangeFailed(TransportError):
    """No key for secrets was agreed, so no secret was sent. What needs one was not asked; all else is unharmed."""


class UnsupportedPowerShell(TransportError):
    """The host runs PowerShell 2.0, which knows no Hyper-V module."""
