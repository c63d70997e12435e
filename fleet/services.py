"""What a person can change: customers, credentials, hosts and pins. Every change goes into the audit trail.

`actor` None is the server's own command line, whose changes count as confirmed.
"""

import re
from collections.abc import Sequence
from ipaddress import ip_network

from cryptography import x509
from django.db import transaction
from django.utils import timezone

from fleet import trail
from fleet.access import Viewer
from fleet.models import BackupPath, Credential, Customer, Host, Network
from fleet.vault import Vault

FINGERPRINT = re.compile(r"[0-9a-f]{64}")
# The name stands in the address of the shell; Register-PSSessionConfiguration takes more, and nobody needs it.
ENDPOINT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
DEFAULT_ENDPOINT = "Microsoft.PowerShell"
# A change of any of these may lead a secret to another machine, so it detaches the credential until confirmed.
WHERE_A_SECRET_GOES = ("address", "port", "scheme", "auth", "certificate_sha256")


class InvalidInput(ValueError):
    """What a person entered cannot be used; the text says what, and what would be."""


class PinInPlace(InvalidInput):
    """Another certificate is pinned already, and nobody said to replace it."""


def fingerprint_from(text: str) -> str:
    """A SHA-256 fingerprint as 64 lower-case digits; colons, spaces and case are ignored. Raises InvalidInput."""
    digits = re.sub(r"[:\s]", "", text).lower()
    if not FINGERPRINT.fullmatch(digits):
        raise InvalidInput(f"{text[:80]!r} is no SHA-256 fingerprint: 64 hex digits are needed, colons are optional")
    return digits


def endpoint_from(text: str) -> str:
    """The name of a PSSessionConfiguration; empty for Windows' own, which needs no name. Raises InvalidInput."""
    name = text.strip()
    if not ENDPOINT.fullmatch(name):
        raise InvalidInput(f"{text[:80]!r} is no endpoint name: letters, digits, dot, dash and underscore, up to 128")
    return "" if name.lower() == DEFAULT_ENDPOINT.lower() else name


def network_from(text: str) -> str:
    """A network in CIDR form; a bare address is a network of one. Raises InvalidInput."""
    try:
        return str(ip_network(text.strip()))
    except ValueError as error:
        raise InvalidInput(f"{text[:80]!r} is no network: {error}; write it as 10.20.0.0/16") from error


@transaction.atomic
def save_customer(
    actor: Viewer | None,
    name: str,
    *,
    networks: Sequence[str] | None = None,
    backup_path: str | None = None,
    ca_pem: str | None = None,
    is_demo: bool | None = None,
) -> tuple[Customer, bool]:
    """The customer of that name (case ignored), created where missing, and whether it was.

    Only what is given (not None) changes; given networks replace the earlier ones. Raises InvalidInput.
    """
    name = name.strip()
    if not name or len(name) > 200:
        raise InvalidInput("a customer's name has 1 to 200 characters")
    wanted = [network_from(network) for network in networks] if networks is not None else None
    if backup_path is not None and backup_path not in BackupPath.values:
        raise InvalidInput(f"backup path {backup_path!r}: choose one of {', '.join(BackupPath.values)}")
    if ca_pem:
        try:
            x509.load_pem_x509_certificates(ca_pem.encode())
        except ValueError as error:
            raise InvalidInput(f"the CA file holds no PEM certificate: {error}") from error

    customer = Customer.objects.select_for_update().filter(name__iexact=name).first()
    created = customer is None
    customer = customer or Customer(name=name)
    for field, value in (("backup_path", backup_path), ("ca_pem", ca_pem), ("is_demo", is_demo)):
        if value is not None:
            setattr(customer, field, value)
    customer.save()
    if wanted is not None:
        customer.networks.exclude(cidr__in=wanted).delete()
        Network.objects.bulk_create(
            [Network(customer=customer, cidr=cidr) for cidr in dict.fromkeys(wanted)], ignore_conflicts=True
        )
    trail.record(
        actor,
        "customer created" if created else "customer changed",
        customer.name,
        networks=wanted,
        backup_path=backup_path,
        ca_given=bool(ca_pem),
    )
    return customer, created


@transaction.atomic
def save_credential(
    actor: Viewer | None, customer: Customer, name: str, username: str, secret: str, vault: Vault
) -> tuple[Credential, bool]:
    """The customer's credential with a new user name and secret, and whether it is new. Raises InvalidInput."""
    name, username = name.strip(), username.strip()
    if not secret:
        raise InvalidInput("the secret is empty; write it to standard input")
    if not name or len(name) > 200 or not username or len(username) > 256:
        raise InvalidInput("a credential needs a name of up to 200 and a user name of up to 256 characters")
    credential = customer.credentials.select_for_update().filter(name__iexact=name).first()
    created = credential is None
    credential = credential or Credential(customer=customer, name=name)
    credential.username = username
    credential.sealed_secret = vault.seal(secret, place=credential.id)
    credential.save()
    trail.record(
        actor,
        "credential created" if created else "credential changed",
        f"{customer.name} / {credential.name}",
        username=username,
    )
    return credential, created


@transaction.atomic
def trust_certificate(actor: Viewer | None, host: Host, fingerprint: str, *, replace: bool = False) -> bool:
    """Pin the certificate by its SHA-256 fingerprint; whether that changed anything.

    Raises InvalidInput for a text that is no fingerprint, PinInPlace when another pin is there and `replace` is false.
    """
    digits = fingerprint_from(fingerprint)
    host = Host.objects.select_for_update().select_related("customer").get(pk=host.pk)
    if host.certificate_sha256 == digits:
        return False
    before = host.certificate_sha256
    if before and not replace:
        raise PinInPlace(
            f"{host.name} of {host.customer.name} has another certificate pinned: {before}. "
            "Find out why it changed; then repeat with --replace."
        )
    host.certificate_sha256 = digits
    if before:
        _detach_unless_confirmed(actor, host)
    host.save()
    trail.record(actor, "certificate pinned", f"{host.customer.name} / {host.name}", before=before, after=digits)
    return True


@transaction.atomic
def save_host(actor: Viewer | None, host: Host) -> None:
    """Store a new or changed host; a change of where its secret would go detaches the credential until confirmed."""
    before = Host.objects.select_for_update().filter(pk=host.pk).values(*WHERE_A_SECRET_GOES).first()
    changed = [field for field in WHERE_A_SECRET_GOES if before is not None and before[field] != getattr(host, field)]
    first_pin = changed == ["certificate_sha256"] and before is not None and not before["certificate_sha256"]
    if changed and not first_pin:
        _detach_unless_confirmed(actor, host)
    host.save()
    trail.record(
        actor,
        "host created" if before is None else "host changed",
        f"{host.customer.name} / {host.name}",
        changed=changed,
        detached=host.credential_detached_at is not None,
    )


@transaction.atomic
def set_backup_path(actor: Viewer | None, owner: Customer | Host, backup_path: str, **effect: int) -> str:
    """Store the setting of a customer or a host and what it changed (`effect`, for the audit trail); the one before.

    An empty path is a host's way of saying "as the customer's". Raises InvalidInput for a word that is no path.
    """
    if backup_path not in BackupPath.values and not (backup_path == "" and isinstance(owner, Host)):
        raise InvalidInput(f"backup path {backup_path[:20]!r}: choose one of {', '.join(BackupPath.values)}")
    before = str(type(owner)._default_manager.values_list("backup_path", flat=True).get(pk=owner.pk))
    type(owner)._default_manager.filter(pk=owner.pk).update(backup_path=backup_path)
    owner.backup_path = backup_path
    subject = f"{owner.customer.name} / {owner.name}" if isinstance(owner, Host) else owner.name
    trail.record(actor, "backup path set", subject, before=before, after=backup_path, **effect)
    return before


@transaction.atomic
def confirm_credential(actor: Viewer | None, host: Host) -> bool:
    """Let the host's credential be sent to where the host is now; whether it had been detached."""
    won = Host.objects.filter(pk=host.pk, credential_detached_at__isnull=False).update(credential_detached_at=None)
    if won:
        trail.record(actor, "credential confirmed", f"{host.customer.name} / {host.name}")
    return bool(won)


@transaction.atomic
def remove_demo(actor: Viewer | None) -> int:
    """Remove every customer of the demo estate with all that hangs on it. Returns how many customers went."""
    customers = list(Customer.objects.filter(is_demo=True))
    for customer in customers:
        customer.hosts.update(credential=None)
        customer.delete()
        trail.record(actor, "customer removed", customer.name, demo=True)
    return len(customers)


def _detach_unless_confirmed(actor: Viewer | None, host: Host) -> None:
    if actor is not None and host.credential_id is not None:
        host.credential_detached_at = timezone.now()
