"""From a host's row to what the transport needs. Secrets are opened here and in the connection test, nowhere else."""

from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

from django.conf import settings

from audits.collect.ending import Ending
from audits.collect.winrm.target import DEFAULT_ENDPOINT, JEA_FUNCTION, Deadlines, ProbeRequest, Secret, Target
from audits.judgement.outcomes import Outcome
from fleet.models import Credential, Host, RightsLevel
from fleet.networks import AddressGuard, IPAddress, own_addresses, parse_networks
from fleet.vault import Vault, VaultError, vault_from


class NotTried(Exception):
    """The audit ends before anything is sent; `ending` says why."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.detail)
        self.ending = ending


def open_secret(host: Host) -> tuple[str, Secret]:
    """User name and secret for this host. Raises NotTried where there is none that may be sent."""
    if host.credential_detached_at is not None:
        raise NotTried(
            Ending(Outcome.DENIED, "credential_detached", f"detached since {host.credential_detached_at:%F %T}")
        )
    credential = host.credential
    if credential is None:
        raise NotTried(Ending(Outcome.DENIED, "credential_missing", "no credential is assigned to the host"))
    return credential.username, open_credential(credential)


def open_credential(credential: Credential) -> Secret:
    """A credential's secret. Raises NotTried where the vault cannot open it."""
    try:
        value = _vault(settings.FLEET_AUDIT_VAULT_KEY_FILE).open(bytes(credential.sealed_secret), place=credential.id)
    except VaultError as error:
        _vault.cache_clear()  # the key file may have been mended since it was read
        raise NotTried(Ending(Outcome.FAILED, "configuration", f"credential {credential.name}: {error}")) from error
    return Secret(value)


@cache
def _vault(key_file: Path) -> Vault:
    return vault_from(key_file)


def target_of(host: Host, username: str, deadlines: Deadlines) -> Target:
    """How to reach and trust the host: its address is verified where it is a name, else its name is."""
    return Target(
        address=host.address,
        name=host.name if _is_literal(host.address) else host.address,
        port=host.port,
        scheme=cast(Literal["https", "http"], str(host.scheme)),
        auth=cast(Literal["ntlm", "kerberos", "certificate"], str(host.auth)),
        username=username,
        certificate_sha256=host.certificate_sha256.lower(),
        ca_pem=host.customer.ca_pem,
        endpoint_name=host.endpoint_name or DEFAULT_ENDPOINT,
        deadlines=deadlines,
    )


def request_of(host: Host, script: str) -> ProbeRequest:
    """What to run there: the script, or at the rights level jea the function that holds it on the host."""
    return ProbeRequest(script, function=JEA_FUNCTION if host.rights_level == RightsLevel.JEA else "")


def _is_literal(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True


def guard_of(host: Host) -> AddressGuard:
    """Which addresses may be contacted for this host's customer."""
    return AddressGuard(
        networks=parse_networks(network.cidr for network in host.customer.networks.all()),
        own_addresses=_own_addresses(settings.DATABASES["default"].get("HOST", ""), settings.CELERY_BROKER_URL),
        allow_loopback=settings.FLEET_AUDIT_ALLOW_LOOPBACK,
    )


@cache
def _own_addresses(database_host: str, broker_url: str) -> frozenset[IPAddress]:
    return own_addresses([database_host, urlsplit(broker_url).hostname or ""])
