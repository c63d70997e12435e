"""What a person would enter for an estate: customers, networks, credentials and hosts, as one JSON document.

Pins are those of the good certificates, whatever a host shows now: that is how a changed one is noticed.
"""

import dataclasses
from typing import Any

from simulator.estates.estate import Estate
from simulator.estates.scenario import Customer, Host
from simulator.hosts import DEFAULT_PORTS
from simulator.wire.tls import CertificateStore

VERSION = 1


def entries_of(estate: Estate, certificates: CertificateStore) -> dict[str, Any]:
    """The document; its passwords open simulated hosts only."""
    return {
        "version": VERSION,
        "estate": estate.name,
        "customers": [_customer(customer, certificates) for customer in estate.customers],
    }


def _customer(customer: Customer, certificates: CertificateStore) -> dict[str, Any]:
    trusts_ca = any(host.trust == "ca" for host in customer.hosts)
    return {
        "name": customer.name,
        "networks": list(customer.networks),
        "backup_path": customer.backup_path,
        "ca_pem": certificates.ca_path.read_text(encoding="ascii") if trusts_ca else "",
        "credential": dataclasses.asdict(customer.credential),
        "guest_credential": dataclasses.asdict(customer.guest_credential) if customer.guest_credential else None,
        "guest_access": list(customer.guest_access),
        "schedule": dataclasses.asdict(customer.schedule) if customer.schedule else None,
        "hosts": [_host(host, certificates) for host in customer.hosts],
    }


def _host(host: Host, certificates: CertificateStore) -> dict[str, Any]:
    pin = ""
    if host.scheme == "https" and host.trust == "pin" and host.served:
        pin = certificates.certificate((host.name,), host.address, "self_signed", "good").fingerprint
    return {
        "name": host.name,
        "address": host.address,
        "port": DEFAULT_PORTS[host.scheme],
        "scheme": host.scheme,
        "auth": host.auth,
        "certificate_sha256": pin,
        "backup_path": host.backup_path,
        "rights_level": host.rights_level,
        "endpoint_name": host.endpoint_name,
        "tags": list(host.tags),
    }
