"""Every exception that an audit can meet has its cause, found by walking to what happened first."""

import binascii
import ssl
import struct
import xml.etree.ElementTree as ET

import pytest

from audits.collect.causes import ending_from
from audits.collect.sections import SectionTooLarge, SectionUnreadable
from audits.collect.winrm import errors
from audits.judgement.words import Section
from fleet.networks import AddressNotAllowed, NameNotResolved


def said(error: BaseException) -> str:
    ending = ending_from(error)
    return f"{ending.outcome}/{ending.code}"


def fault(code: int | None, reason: str = "The reason.") -> errors.Fault:
    return errors.Fault(code, reason)


def certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "the message of OpenSSL"
    return error


class Krb5Error(Exception):
    """As krb5.Krb5Error, which is not installed here."""

    def __init__(self, err_code: int) -> None:
        super().__init__(f"Kerberos error {err_code}")
        self.err_code = err_code


class GSSError(Exception):
    """As gssapi.raw.GSSError, whose minor code is unsigned."""

    def __init__(self, min_code: int) -> None:
        super().__init__("Unspecified GSS failure")
        self.min_code = min_code


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NameNotResolved("x"), "unreachable/name_not_resolved"),
        (AddressNotAllowed("x"), "unreachable/address_not_allowed"),
        (errors.ConnectionRefused("x"), "unreachable/connection_refused"),
        (errors.ConnectTimedOut("x"), "unreachable/connect_timed_out"),
        (errors.WrongProtocol("x"), "unreachable/wrong_protocol"),
        (errors.TlsRefused("x"), "unreachable/tls_refused"),
        (errors.NotWinRM("x"), "unreachable/not_winrm"),
        (errors.CertificateChanged("x"), "denied/certificate_changed"),
        (certificate_error(18), "denied/certificate_unknown"),
        (certificate_error(19), "denied/certificate_unknown"),
        (certificate_error(20), "denied/certificate_unknown"),
        (certificate_error(10), "denied/certificate_expired"),
        (certificate_error(9), "denied/certificate_not_yet_valid"),
        (certificate_error(62), "denied/certificate_wrong_name"),
        (certificate_error(64), "denied/certificate_wrong_name"),
        (errors.CredentialRejected("x"), "denied/credential_rejected"),
        (errors.AuthMethodRefused("x"), "denied/auth_method_refused"),
        (fault(5), "denied/access_denied"),
        (fault(2150858752), "denied/endpoint_missing"),
        (errors.NoAnswer("x"), "timed_out/no_answer"),
        (fault(2150858793), "timed_out/no_answer"),
        (errors.DeadlinePassed("x"), "timed_out/deadline_passed"),
        (fault(14), "failed/quota_reached"),
        (fault(2150859173), "failed/quota_reached"),
        (fault(2150859174), "failed/quota_reached"),
        (fault(2150859175), "failed/quota_reached"),
        (fault(2150859179), "failed/quota_reached"),
        (fault(2150859241), "failed/quota_reached"),
        (errors.SessionLost("x"), "failed/session_lost"),
        (fault(995), "failed/session_lost"),
        (fault(2150858843), "failed/session_lost"),
        (fault(2150858999), "failed/session_lost"),
        (ConnectionResetError(104, "reset"), "failed/session_lost"),
        (errors.Unintelligible("x"), "failed/unintelligible_answer"),
        (SectionUnreadable("x", Section.VMS), "failed/unintelligible_answer"),
        (ET.ParseError("x"), "failed/unintelligible_answer"),
        (struct.error("x"), "failed/unintelligible_answer"),
        (binascii.Error("x"), "failed/unintelligible_answer"),
        (RecursionError("x"), "failed/unintelligible_answer"),
        (KeyError("stdout"), "failed/unintelligible_answer"),
        (errors.AnswerTooLarge("x"), "failed/answer_too_large"),
        (SectionTooLarge("x"), "failed/answer_too_large"),
        (errors.ProbeFailed("x"), "failed/probe_failed"),
        (fault(2150858770), "failed/probe_failed"),
        (fault(None), "failed/probe_failed"),
        (errors.UnsupportedPowerShell("x"), "failed/unsupported_windows"),
        (errors.Misconfigured("x"), "failed/configuration"),
        (ImportError("GSSAPIProxy requires the Python gssapi library"), "failed/configuration"),
        (Krb5Error(-1765328353), "denied/credential_rejected"),
        (Krb5Error(-1765328378), "denied/credential_rejected"),
        (Krb5Error(-1765328228), "failed/configuration"),
        (GSSError(-1765328377 + 2**32), "failed/configuration"),
        (GSSError(-1765328353 + 2**32), "denied/credential_rejected"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_each_exception_has_its_cause(error: Exception, expected: str) -> None:
    assert said(error) == expected


def test_every_error_of_the_transport_is_named() -> None:
    for kind in set(errors.TransportError.__subclasses__()) - {errors.Fault}:
        ending = ending_from(kind("x"))
        assert ending.detail == "x", kind
        assert ending.cause is not None


def raised(*chain: Exception) -> Exception:
    """The first happened first; each later one was raised while the one before was handled."""
    first, *later = chain
    if not later:
        return first
    for error in later:
        error.__context__ = first
        first = error
    return first


def test_what_happened_first_wins() -> None:
    assert said(raised(fault(5), errors.SessionLost("while closing"))) == "denied/access_denied"
    assert said(raised(certificate_error(10), errors.TlsRefused("x"))) == "denied/certificate_expired"


def test_a_typed_error_wins_over_the_bare_one_it_was_made_of() -> None:
    assert said(raised(ConnectionResetError(), errors.WrongProtocol("x"))) == "unreachable/wrong_protocol"
    assert said(raised(TimeoutError(), errors.ConnectTimedOut("x"))) == "unreachable/connect_timed_out"


def test_raised_from_none_hides_what_came_before() -> None:
    late = errors.DeadlinePassed("x")
    late.__context__, late.__suppress_context__ = errors.SessionLost("shut down by the watchdog"), True
    assert said(late) == "timed_out/deadline_passed"


def test_a_chain_that_bites_its_tail_ends() -> None:
    one, two = errors.SessionLost("one"), errors.SessionLost("two")
    one.__cause__, two.__cause__ = two, one
    assert said(one) == "failed/session_lost"


def test_the_detail_is_one_printable_line_of_bounded_length() -> None:
    detail = ending_from(fault(5, "Access\r\nis \x1b[31mdenied\x07\u202e \ud800" + "!" * 10_000_000)).detail
    assert detail.startswith("WS-Management fault 5: Access is [31mdenied")
    assert detail.isprintable()
    assert len(detail) <= 300


def test_a_secret_that_somebody_quoted_is_cut_out() -> None:
    detail = ending_from(ValueError("cannot use c4n4ry-s3cret as a key"), secret="c4n4ry-s3cret").detail
    assert "c4n4ry" not in detail
    assert "[secret]" in detail
