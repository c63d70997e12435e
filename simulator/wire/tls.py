"""Certificates and TLS: made on first use, kept in the state directory so that pins survive a restart."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import os
import ssl
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Issuer = Literal["self_signed", "estate_ca"]
Variant = Literal["good", "changed", "expired", "not_yet_valid", "wrong_name"]

DAY = datetime.timedelta(days=1)
# Relative to the day of issue. "expired" and "not_yet_valid" miss by a day, as real ones do.
VALIDITY: dict[Variant, tuple[datetime.timedelta, datetime.timedelta]] = {
    "good": (-DAY, 800 * DAY),
    "changed": (-DAY, 800 * DAY),
    "expired": (-400 * DAY, -DAY),
    "not_yet_valid": (DAY, 400 * DAY),
    "wrong_name": (-DAY, 800 * DAY),
}


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, in one PEM file."""

    path: Path
    der: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the leaf, in lower-case hex: what a client pins."""
        return hashlib.sha256(self.der).hexdigest()


class CertificateStore:
    """The certificates of one estate, below ``directory``; keys are readable by their owner only.

    Keys are ECDSA P-256: a thousand hosts start in seconds. (Windows makes RSA 2048; no client here minds.)
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def ca_path(self) -> Path:
        """PEM of the estate's CA: give it to a client as its trust anchor."""
        self._authority()
        return self._directory / "ca.pem"

    def certificate(self, names: Sequence[str], address: str, issuer: Issuer, variant: Variant) -> Certificate:
        """The certificate of one host, made if it is missing, for other names, or nearly over."""
        path = self._directory / f"{names[0].lower()}-{address}-{issuer}-{variant}.pem"
        kept = _load(path)
        if kept is None or not _still_right(kept, names, variant):
            kept = self._issue(path, names, address, issuer, variant)
        return Certificate(path, kept.public_bytes(serialization.Encoding.DER))

    def _issue(
        self, path: Path, names: Sequence[str], address: str, issuer: Issuer, variant: Variant
    ) -> x509.Certificate:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _subject(names[0] if variant != "wrong_name" else "another-host.example")
        if issuer == "estate_ca":
            authority, authority_key = self._authority()
            issuer_name = authority.subject
        else:
            authority_key, issuer_name = key, subject
        alternatives: list[x509.GeneralName] = [x509.DNSName("another-host.example")]
        if variant != "wrong_name":
            alternatives = [x509.DNSName(name) for name in names]
            alternatives.append(x509.IPAddress(ipaddress.ip_address(address)))
        certificate = (
            _builder(subject, issuer_name, key.public_key(), authority_key.public_key(), *VALIDITY[variant])
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(authority_key, hashes.SHA256())
        )
        _write(path, _pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
        return certificate

    def _authority(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        path, key_path = self._directory / "ca.pem", self._directory / "ca-key.pem"
        kept = _load(path)
        if kept is not None and key_path.exists() and _still_right(kept, None, "good"):
            key = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
            if isinstance(key, ec.EllipticCurvePrivateKey):
                return kept, key
        key = ec.generate_private_key(ec.SECP256R1())
        name = _subject("Simulated Estate CA")
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        certificate = (
            _builder(name, name, key.public_key(), key.public_key(), -DAY, 3650 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, hashes.SHA256())
        )
        _write(key_path, _pem(key))
        _write(path, certificate.public_bytes(serialization.Encoding.PEM))
        return certificate, key


def server_context(certificate: Certificate, *, old: bool, client_certificates: Sequence[str]) -> ssl.SSLContext:
    """A TLS context that serves ``certificate``; ``old`` offers 1.0 and 1.1 only.

    ``client_certificates`` are PEM texts of certificates that may sign in; without any, none is asked for.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.path)
    context.num_tickets = 0  # HTTP.sys sends none, and each one costs CPU
    if old:
        context.set_ciphers("ALL:@SECLEVEL=0")  # OpenSSL 3 forbids old protocols above level 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # being deprecated is the point
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
    if client_certificates:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(cadata="\n".join(client_certificates))
    return context


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
    starts: datetime.timedelta,
    ends: datetime.timedelta,
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + starts)
        .not_valid_after(now + ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    partial = path.with_suffix(f".{os.getpid()}.part")
    partial.touch(mode=0o600)
    partial.write_bytes(content)
    partial.replace(path)


def _load(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _still_right(kept: x509.Certificate, names: Sequence[str] | None, variant: Variant) -> bool:
    now = datetime.datetime.now(datetime.UTC)
    if variant == "expired":
        return kept.not_valid_after_utc < now
    if variant == "not_yet_valid":
        return kept.not_valid_before_utc > now
    if kept.not_valid_after_utc < now + 7 * DAY:  # a week left: renew rather than expire in front of somebody
        return False
    if names is None or variant == "wrong_name":
        return True
    covered = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(covered.get_values_for_type(x509.DNSName)) == set(names)
