"""Signing in by exactly the method that is set: NTLM, Kerberos or client certificate. One attempt, no fallback."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import spnego
import spnego.channel_bindings
from pypsrp.encryption import WinRMEncryption
from spnego.exceptions import CredentialsExpiredError, FeatureMissingError, InvalidCredentialError, SpnegoError

from audits.collect.winrm.errors import (
    AuthMethodRefused,
    CredentialRejected,
    Misconfigured,
    NotWinRM,
    SessionLost,
    Unintelligible,
)
from audits.collect.winrm.http import Connection, Response
from audits.collect.winrm.target import Secret, Target
from audits.collect.winrm.tls import channel_binding

CERTIFICATE_PROFILE = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
SOAP = {"Content-Type": "application/soap+xml;charset=UTF-8"}

# The scheme in the Authorization header, and how encrypted messages name themselves. Windows' own client sends NTLM
# under Negotiate and Kerberos under Kerberos, with the first token in the first request.
_SCHEMES = {"ntlm": ("Negotiate", WinRMEncryption.SPNEGO), "kerberos": ("Kerberos", WinRMEncryption.KERBEROS)}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`headers` go with every request, `encryption` wraps each message (http), `response` answers the first one."""

    headers: dict[str, str]
    encryption: WinRMEncryption | None
    response: Response | None


def sign_in(connection: Connection, target: Target, secret: Secret, first_message: bytes) -> SignedIn:
    """Sign in on a connection whose other end is proven.

    Over https the last leg carries `first_message`, which saves a round trip; over http nothing is said before messages
    can be encrypted. Raises CredentialRejected after the one attempt, AuthMethodRefused, Misconfigured, Unintelligible.
    """
    if target.auth == "certificate":
        return _by_certificate(connection, target, first_message)
    scheme, protocol = _SCHEMES[target.auth]
    context, token = _begin(connection, target, secret)
    encrypted = target.scheme == "http"
    message = b"" if encrypted else first_message
    response = _exchange_tokens(connection, target, context, token, scheme, message)
    if not encrypted:
        return SignedIn(SOAP, None, response)
    if not context.complete:
        raise Unintelligible(f"{target.endpoint} accepted the sign-in without proving itself in turn")
    if response.closes:
        raise SessionLost(f"{target.endpoint} ended the connection that was just signed in on")
    return SignedIn({}, WinRMEncryption(context, protocol), None)


def _by_certificate(connection: Connection, target: Target, first_message: bytes) -> SignedIn:
    if connection.leaf is None:
        raise Misconfigured(f"{target.endpoint}: signing in by certificate needs https")
    headers = {**SOAP, "Authorization": CERTIFICATE_PROFILE}
    response = connection.post(first_message, headers)
    if response.status == 401:
        raise CredentialRejected(f"{target.endpoint} maps the client certificate to no account")
    return SignedIn(headers, None, response)


def _begin(connection: Connection, target: Target, secret: Secret) -> tuple[Any, bytes]:
    """A context and its first token. For Kerberos this asks the KDC, which may judge the credential itself."""
    leaf = connection.leaf
    binding = spnego.channel_bindings.GssChannelBindings(application_data=channel_binding(leaf)) if leaf else None
    options = spnego.NegotiateOptions.none if leaf else spnego.NegotiateOptions.wrapping_winrm
    try:
        context = spnego.client(
            target.username,
            secret.value,
            hostname=target.name,
            service="host",
            channel_bindings=binding,
            protocol=target.auth,
            options=options,
        )
        return context, context.step() or b""
    except ImportError as error:
        raise Misconfigured(f"signing in by {target.auth} needs the Python packages gssapi and krb5") from error
    except (InvalidCredentialError, CredentialsExpiredError) as error:
        raise CredentialRejected(f"{target.username} was refused by {target.auth}: {error}") from error
    except (SpnegoError, FeatureMissingError) as error:
        raise Misconfigured(f"signing in to {target.name} by {target.auth} is not possible: {error}") from error


def _exchange_tokens(
    connection: Connection, target: Target, context: Any, token: bytes, scheme: str, message: bytes
) -> Response:
    """Hand tokens to and fro until the host has judged; its answer to the last leg, which carries `message`."""
    while True:
        is_last = context.complete or target.auth == "kerberos"
        headers = {"Authorization": f"{scheme} {base64.b64encode(token).decode()}"}
        if is_last and message:
            headers |= SOAP
        response = connection.post(message if is_last else b"", headers)
        answer = _token_of(response, scheme)
        if response.status != 401:
            if not is_last or (response.status != 200 and not message):
                raise NotWinRM(f"{target.endpoint} answered the sign-in with HTTP status {response.status}")
            if answer and not context.complete:
                _step(context, answer, target)  # Kerberos: the host proves itself in turn
            return response
        if is_last:
            raise CredentialRejected(f"{target.endpoint} refused {target.username} by {target.auth}")
        if not answer:
            offered = ", ".join(header.split(" ")[0] for header in response.authenticate) or "nothing"
            raise AuthMethodRefused(f"{target.endpoint} offers {offered}; {target.auth} is set for this host")
        if response.closes:
            raise SessionLost(f"{target.endpoint} ended the connection in the middle of signing in")
        token = _step(context, answer, target)


def _step(context: Any, token: bytes, target: Target) -> bytes:
    try:
        return context.step(token) or b""
    except (SpnegoError, ValueError, LookupError) as error:
        raise Unintelligible(f"{target.endpoint} sent a sign-in token that makes no sense") from error


def _token_of(response: Response, scheme: str) -> bytes:
    """The token of the scheme we speak; empty if there is none."""
    for header in response.authenticate:
        offered, _, token = header.strip().partition(" ")
        if offered.lower() == scheme.lower() and token:
            try:
                return base64.b64decode(token.strip(), validate=True)
            except binascii.Error as error:
                raise Unintelligible("the sign-in token is not base64") from error
    return b""
