"""Estates: named sets of customers and hosts, each told by scenario files in a folder of the same name.

`demo` is the fleet a newcomer sees; `causes` shows every way an audit can end, `rules` every rule that can fail.
"""

from typing import Any

from simulator.estates.definitions import definitions_of
from simulator.estates.entries import entries_of
from simulator.estates.estate import Estate, NoSuchEstate, names, read_estate
from simulator.estates.intention import IntendedHost, IntendedVerdict
from simulator.estates.scenario import ScenarioError
from simulator.hosts import HostDefinition
from simulator.wire.tls import CertificateStore


def load(name: str) -> list[HostDefinition]:
    """The hosts of an estate, ready to be served. Raises NoSuchEstate or ScenarioError."""
    return definitions_of(read_estate(name))


def entries(name: str, certificates: CertificateStore, block: int = 0) -> dict[str, Any]:
    """What a person would enter for an estate that is served with these certificates in this block of addresses."""
    return entries_of(read_estate(name, block), certificates)


def expectations(name: str) -> dict[str, IntendedHost]:
    """By host name: what the estate's scenarios intend. Raises NoSuchEstate or ScenarioError."""
    return {host.name: host.intended for customer in read_estate(name).customers for host in customer.hosts}


__all__ = [
    "Estate",
    "IntendedHost",
    "IntendedVerdict",
    "NoSuchEstate",
    "ScenarioError",
    "definitions_of",
    "entries",
    "entries_of",
    "expectations",
    "load",
    "names",
    "read_estate",
]
