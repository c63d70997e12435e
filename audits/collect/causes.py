"""Exceptions become causes, here and nowhere else: walk from an exception to what happened first, and name that."""

import binascii
import ssl
import struct
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError

from audits.collect.ending import Ending
from audits.collect.plain import plain
from audits.collect.sections import SectionTooLarge, SectionUnreadable
from audits.collect.winrm import errors
from audits.judgement.outcomes import Outcome
from fleet.networks import AddressNotAllowed, NameNotResolved

_Key = tuple[Outcome, str]

# Typed errors say themselves what they mean. First match wins, so a subclass stands before its base.
_BY_TYPE: tuple[tuple[type[BaseException], _Key], ...] = (
    (NameNotResolved, (Outcome.UNREACHABLE, "name_not_resolved")),
    (AddressNotAllowed, (Outcome.UNREACHABLE, "address_not_allowed")),
    (errors.ConnectionRefused, (Outcome.UNREACHABLE, "connection_refused")),
    (errors.ConnectTimedOut, (Outcome.UNREACHABLE, "connect_timed_out")),
    (errors.WrongProtocol, (Outcome.UNREACHABLE, "wrong_protocol")),
    (errors.TlsRefused, (Outcome.UNREACHABLE, "tls_refused")),
    (errors.NotWinRM, (Outcome.UNREACHABLE, "not_winrm")),
    (errors.CertificateChanged, (Outcome.DENIED, "certificate_changed")),
    (errors.AuthMethodRefused, (Outcome.DENIED, "auth_method_refused")),
    (errors.CredentialRejected, (Outcome.DENIED, "credential_rejected")),
    (errors.Misconfigured, (Outcome.FAILED, "configuration")),
    (errors.NoAnswer, (Outcome.TIMED_OUT, "no_answer")),
    (errors.DeadlinePassed, (Outcome.TIMED_OUT, "deadline_passed")),
    (errors.SessionLost, (Outcome.FAILED, "session_lost")),
    (errors.Unintelligible, (Outcome.FAILED, "unintelligible_answer")),
    (errors.AnswerTooLarge, (Outcome.FAILED, "answer_too_large")),
    (errors.ProbeFailed, (Outcome.FAILED, "probe_failed")),
    (errors.KeyExchangeFailed, (Outcome.FAILED, "probe_failed")),
    (errors.UnsupportedPowerShell, (Outcome.FAILED, "unsupported_windows")),
    (SectionTooLarge, (Outcome.FAILED, "answer_too_large")),
    (SectionUnreadable, (Outcome.FAILED, "unintelligible_answer")),
)

# WS-Management fault codes (winerror.h, ERROR_WSMAN_*; low numbers are Win32 errors).
_BY_FAULT: dict[int, _Key] = {
    5: (Outcome.DENIED, "access_denied"),
    2150858752: (Outcome.DENIED, "endpoint_missing"),
    14: (Outcome.FAILED, "quota_reached"),  # no memory for another shell
    2150859173: (Outcome.FAILED, "quota_reached"),  # shells per user
    2150859174: (Outcome.FAILED, "quota_reached"),  # operations per user
    2150859175: (Outcome.FAILED, "quota_reached"),  # load
    2150859179: (Outcome.FAILED, "quota_reached"),  # users
    2150859241: (Outcome.FAILED, "quota_reached"),  # commands per shell
    995: (Outcome.FAILED, "session_lost"),  # operation aborted
    2150858843: (Outcome.FAILED, "session_lost"),  # the shell does not exist any more
    2150858999: (Outcome.FAILED, "session_lost"),  # the process behind the shell ended
    2150858793: (Outcome.TIMED_OUT, "no_answer"),  # operation timeout, where nobody expected one
}
# Any other fault comes from WinRM itself, about running the probe; its number and text are shown.
_OTHER_FAULT: _Key = (Outcome.FAILED, "probe_failed")

# X509_V_ERR_* of OpenSSL (x509_vfy.h); whatever is not here is a chain that does not end at a trusted CA.
_BY_VERIFY_CODE: dict[int, _Key] = {
    9: (Outcome.DENIED, "certificate_not_yet_valid"),
    10: (Outcome.DENIED, "certificate_expired"),
    62: (Outcome.DENIED, "certificate_wrong_name"),  # hostname mismatch
    64: (Outcome.DENIED, "certificate_wrong_name"),  # IP address mismatch
}
_CERTIFICATE_UNKNOWN: _Key = (Outcome.DENIED, "certificate_unknown")

# Kerberos errors (krb5.h, KRB5KDC_ERR_* and KRB5_*) that blame the credential; all others are a matter of set-up:
# no KDC (-1765328228), no such service principal (-1765328377), clocks apart (-1765328347), ...
_KERBEROS_BLAMES_CREDENTIAL = {
    -1765328378,  # client not found
    -1765328366,  # client's credentials revoked: disabled, locked out or expired
    -1765328361,  # password has expired
    -1765328360,  # pre-authentication failed: wrong password
    -1765328353,  # decrypt integrity check failed: wrong password
}

# What parsers raise when the host sends something else than it should.
_GARBAGE = (ParseError, UnicodeError, struct.error, binascii.Error, RecursionError)


def ending_from(error: BaseException, *, secret: str = "") -> Ending:
    """The ending that an exception stands for. Never raises; what nobody foresaw is an answer that was not understood.

    `secret` is cut out of the detail, should anything on the way have quoted it.
    """
    chain = list(_chain(error))
    for link in reversed(chain):
        key = _key_of(link)
        if key is not None:
            return Ending(*key, detail=_detail(link, secret))
    for link in reversed(chain):
        key = _fallback_key_of(link)
        if key is not None:
            return Ending(*key, detail=_detail(link, secret))
    return Ending(Outcome.FAILED, "unintelligible_answer", _detail(error, secret))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, then what it was raised from or while handling, as a traceback would show it."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _key_of(error: BaseException) -> _Key | None:
    for kind, key in _BY_TYPE:
        if isinstance(error, kind):
            return key
    if isinstance(error, ssl.SSLCertVerificationError):
        return _BY_VERIFY_CODE.get(error.verify_code, _CERTIFICATE_UNKNOWN)
    if isinstance(error, errors.Fault):
        return _BY_FAULT.get(error.code or 0, _OTHER_FAULT)
    return _kerberos_key_of(error)


def _kerberos_key_of(error: BaseException) -> _Key | None:
    """By the number of krb5.Krb5Error or gssapi's GSSError; neither package need be installed."""
    number = getattr(error, "err_code", None) or getattr(error, "min_code", None)
    if not isinstance(number, int):
        return None
    signed = number - 2**32 if number >= 2**31 else number
    if signed in _KERBEROS_BLAMES_CREDENTIAL:
        return (Outcome.DENIED, "credential_rejected")
    return (Outcome.FAILED, "configuration")


def _fallback_key_of(error: BaseException) -> _Key | None:
    """Errors of libraries that only mean something if nothing more telling stands in the chain."""
    if isinstance(error, _GARBAGE):
        return (Outcome.FAILED, "unintelligible_answer")
    if isinstance(error, ImportError):
        return (Outcome.FAILED, "configuration")
    if isinstance(error, TimeoutError):
        return (Outcome.TIMED_OUT, "no_answer")
    if isinstance(error, OSError):
        return (Outcome.FAILED, "session_lost")
    return None


def _detail(error: BaseException, secret: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        text = error.verify_message
    elif isinstance(error, (errors.TransportError, SectionUnreadable, NameNotResolved, AddressNotAllowed)):
        text = str(error)
    else:
        text = f"{type(error).__name__}: {error}"
    return plain(text, secret)
