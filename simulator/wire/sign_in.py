"""Signing in: NTLM inside Negotiate, channel binding on https, Basic and certificates where a host allows them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import spnego
import spnego.channel_bindings
from spnego._ntlm_raw.crypto import (
    ntowfv1,
)  # the only MD4 here: OpenSSL 3 has none, and pyspnego exports no other

CERTIFICATE_PROFILE = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"

_NTLM_AUTHENTICATE = b"NTLMSSP\x00\x03\x00\x00\x00"

# pyspnego's acceptor takes its accounts from the file that this variable names, process-wide: one host at a time.
_ACCOUNT_FILE_VARIABLE = "NTLM_USER_FILE"
_account_file_lock = threading.Lock()


@dataclass
class Account:
    """What the host remembers about one account."""

    password: str
    attempts: int = 0
    rejected: int = 0
    rejected_in_a_row: int = 0


@dataclass(frozen=True)
class Outcome:
    """How one leg of a sign-in ended: a user, a token to hand back, or neither (refused)."""

    user: str = ""
    token: bytes = b""
    scheme: str = ""
    is_attempt: bool = True  # a password was put to the test, as opposed to a first or a malformed leg


class AccountBook:
    """The accounts of one host, with their lock-out counters, and the file that pyspnego reads them from."""

    def __init__(self, path: Path, computer_name: str, accounts: Mapping[str, str], lockout_threshold: int) -> None:
        self._path = path
        self._computer_name = computer_name
        self._lockout_threshold = lockout_threshold
        self.by_user = {user: Account(password) for user, password in accounts.items()}
        self._write()

    def set_password(self, user: str, password: str) -> None:
        """Change or add an account; its counters begin anew."""
        self.by_user[user] = Account(password)
        self._write()

    def find(self, user: str) -> tuple[str, Account] | None:
        """The account that a client means by ``user``, whichever way it is written."""
        wanted = user.lower().removeprefix(f"{self._computer_name.lower()}\\").removeprefix(".\\")
        return next(((name, account) for name, account in self.by_user.items() if name.lower() == wanted), None)

    def principal(self, user: str) -> str:
        """The account's full name: a local one is qualified with the computer's."""
        found = self.find(user)
        name = user if found is None else found[0]
        return name if "\\" in name or "@" in name else f"{self._computer_name}\\{name}"

    def settle(self, user: str, *, password_matched: bool) -> bool:
        """Count one attempt and say whether it signs in: a locked account does not, password or no password."""
        found = self.find(user)
        if found is None:
            return False
        account = found[1]
        account.attempts += 1
        locked = 0 < self._lockout_threshold <= account.rejected_in_a_row
        if password_matched and not locked:
            account.rejected_in_a_row = 0
            return True
        account.rejected += 1
        account.rejected_in_a_row += 1
        return False

    @contextmanager
    def published(self) -> Iterator[None]:
        """While this lasts, pyspnego sees the accounts of this host."""
        with _account_file_lock:
            before = os.environ.get(_ACCOUNT_FILE_VARIABLE)
            os.environ[_ACCOUNT_FILE_VARIABLE] = str(self._path)
            try:
                yield
            finally:
                if before is None:
                    del os.environ[_ACCOUNT_FILE_VARIABLE]
                else:
                    os.environ[_ACCOUNT_FILE_VARIABLE] = before

    def _write(self) -> None:
        """One smbpasswd line per way to write the user. The LM hash is zero: computing it costs 0.6 ms."""
        lines = []
        for user, account in self.by_user.items():
            nt_hash = ntowfv1(account.password).hex().upper()
            spellings = (
                [user] if "\\" in user or "@" in user else [user, f"{self._computer_name}\\{user}", f".\\{user}"]
            )
            lines += [f"{spelling}:1000:{'0' * 32}:{nt_hash}:[U]:LCT-00000000" for spelling in spellings]
        self._path.touch(mode=0o600)
        self._path.write_text("\n".join(lines), encoding="utf-8")


@dataclass
class Handshake:
    """The sign-in state of one connection; HTTP.sys keeps it until the connection ends."""

    accounts: AccountBook
    certificate_der: bytes  # empty over plain http
    check_channel_binding: bool
    context: spnego.ContextProxy | None = field(default=None)

    def step(self, scheme: str, credentials: str, *, reject: bool) -> Outcome:
        """Take one Authorization header of scheme Negotiate or Basic; an outcome without user or token means 401.

        ``reject`` refuses at the last leg, where Windows judges, whatever the password.
        """
        try:
            token = base64.b64decode(credentials, validate=True)
        except binascii.Error:
            return Outcome(is_attempt=False)
        if scheme.lower() == "basic":
            return self._basic(token, reject=reject)
        return self._negotiate(scheme, token, reject=reject)

    def _basic(self, token: bytes, *, reject: bool) -> Outcome:
        try:
            text = token.decode("utf-8")
        except UnicodeDecodeError:
            text = token.decode("latin-1")  # what python-requests sends
        user, _, password = text.partition(":")
        found = self.accounts.find(user)
        matched = found is not None and found[1].password == password and not reject
        return Outcome(user) if self.accounts.settle(user, password_matched=matched) else Outcome()

    def _negotiate(self, scheme: str, token: bytes, *, reject: bool) -> Outcome:
        is_last_leg = _NTLM_AUTHENTICATE in token
        if not is_last_leg:
            self.context = None  # a new handshake on an old connection
        user = ntlm_user(token) if is_last_leg else ""
        try:
            with self.accounts.published():
                if self.context is None:
                    self.context = self._new_context(raw_ntlm=token.startswith(b"NTLMSSP\x00"))
                answer = self.context.step(token) or b""
        except Exception:  # noqa: BLE001  whatever a bad token provokes in pyspnego is one rejected sign-in
            self.context = None
            if is_last_leg:
                self.accounts.settle(user, password_matched=False)
            return Outcome(is_attempt=is_last_leg)
        if not self.context.complete:
            return Outcome(token=answer, scheme=scheme, is_attempt=False)
        if not self.accounts.settle(user, password_matched=not reject):
            self.context = None
            return Outcome()
        return Outcome(user, answer, scheme)

    def _new_context(self, *, raw_ntlm: bool) -> spnego.ContextProxy:
        bindings = None
        if self.certificate_der and self.check_channel_binding:
            digest = hashlib.sha256(self.certificate_der).digest()
            bindings = spnego.channel_bindings.GssChannelBindings(application_data=b"tls-server-end-point:" + digest)
        return spnego.server(
            protocol="ntlm" if raw_ntlm else "negotiate",
            channel_bindings=bindings,
            options=spnego.NegotiateOptions.use_ntlm if raw_ntlm else spnego.NegotiateOptions.use_negotiate,
        )


def ntlm_user(token: bytes) -> str:
    """The user named in an NTLM AUTHENTICATE message, with its domain if it has one (MS-NLMP 2.2.1.3)."""
    message = token[token.index(_NTLM_AUTHENTICATE) :]
    domain, user = (_utf16_field(message, at) for at in (28, 36))
    return f"{domain}\\{user}" if domain else user


def _utf16_field(message: bytes, at: int) -> str:
    if len(message) < at + 8:
        return ""
    length, _allocated, offset = struct.unpack_from("<HHI", message, at)
    return message[offset : offset + length].decode("utf-16-le", "replace")
