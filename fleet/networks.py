"""The address guard: whether the audit server may connect to a host, decided on addresses and never on names."""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network
Resolver = Callable[[str], Iterable[str]]

# Refused whatever a customer's networks say: none of these is a customer's Hyper-V host, each leads to a machine
# that trusts the audit server more than it should, or to a place the guard cannot see.
NEVER: tuple[tuple[IPNetwork, str], ...] = (
    (ip_network("0.0.0.0/8"), "it is the unspecified address, which means this machine"),
    (ip_network("::/128"), "it is the unspecified address, which means this machine"),
    (ip_network("169.254.0.0/16"), "it is link-local, where cloud metadata services live"),
    (ip_network("fe80::/10"), "it is link-local"),
    (ip_network("224.0.0.0/4"), "it is multicast"),
    (ip_network("ff00::/8"), "it is multicast"),
    (ip_network("240.0.0.0/4"), "it is reserved or broadcast"),
    (ip_network("fd00:ec2::/32"), "it is a cloud metadata service"),  # AWS over IPv6: ::254, ::253, ::123
    (ip_network("168.63.129.16/32"), "it is a cloud metadata service"),  # Azure wire server
    (ip_network("100.100.100.200/32"), "it is a cloud metadata service"),  # Alibaba
    (ip_network("192.0.0.192/32"), "it is a cloud metadata service"),  # Oracle
    (ip_network("::ffff:0:0/96"), "it is an IPv4 address in IPv6 form; enter the IPv4 address"),
    (ip_network("64:ff9b::/96"), "it is an IPv4 address in IPv6 form (NAT64); enter the IPv4 address"),
    (ip_network("64:ff9b:1::/48"), "it is an IPv4 address in IPv6 form (NAT64); enter the IPv4 address"),
    (ip_network("2002::/16"), "it is an IPv4 address in IPv6 form (6to4); enter the IPv4 address"),
    (ip_network("2001::/32"), "it is an IPv4 address in IPv6 form (Teredo); enter the IPv4 address"),
)
LOOPBACK: tuple[IPNetwork, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
# The rest of ::/96 once held IPv4 addresses (RFC 4291, deprecated); ::1 and :: have their own rows.
IPV4_COMPATIBLE = ip_network("::/96")


class NameNotResolved(Exception):
    """The name has no address as seen from the audit server."""


class AddressNotAllowed(Exception):
    """The name leads to an address that must not be contacted for this customer. Nothing was sent."""


def resolve_name(name: str) -> list[str]:
    """All addresses of a name, in the resolver's order of preference. Blocks as long as the system's resolver does."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def parse_networks(cidrs: Iterable[str]) -> tuple[IPNetwork, ...]:
    """Networks from their text. Raises ValueError naming the first that is none, host bits set included."""
    return tuple(ip_network(cidr.strip()) for cidr in cidrs)


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Which addresses one customer's hosts may have. Without networks nothing may be contacted.

    `own_addresses` are those of the product's database and broker; they are refused even inside an allowed network.
    `allow_loopback` lets `networks` contain 127.0.0.0/8 and ::1; it is for the demo and the tests.
    """

    networks: tuple[IPNetwork, ...]
    own_addresses: frozenset[IPAddress] = frozenset()
    allow_loopback: bool = False
    resolve: Resolver = field(default=resolve_name, repr=False)

    def check(self, host: str) -> tuple[str, ...]:
        """The literal addresses to connect to, in order of preference, after every one of them was found allowed.

        Call it when connecting and connect to what it returns: a name resolved a second time may lead elsewhere.
        Raises AddressNotAllowed if even one address of the name is not allowed, NameNotResolved if there is none.
        """
        if not self.networks:
            raise AddressNotAllowed(f"{host}: the customer has no allowed networks, so none of its hosts is contacted")
        addresses = self._addresses_of(host)
        for address in addresses:
            reason = self._why_refused(address)
            if reason is not None:
                place = str(address) if str(address) == host else f"{host} leads to {address}, which"
                raise AddressNotAllowed(f"{place} is not contacted: {reason}")
        return tuple(str(address) for address in addresses)

    def _addresses_of(self, host: str) -> list[IPAddress]:
        try:
            return [ip_address(host)]
        except ValueError:
            pass  # not a literal: ask the resolver, which also knows odd spellings such as 127.1
        try:
            found = [ip_address(address) for address in self.resolve(host)]
        except (OSError, UnicodeError, ValueError) as error:
            raise NameNotResolved(f"{host} does not resolve: {error}") from error
        if not found:
            raise NameNotResolved(f"{host} does not resolve: the resolver knows no address of it")
        return found

    def _why_refused(self, address: IPAddress) -> str | None:
        if any(address in network for network in LOOPBACK):
            if not self.allow_loopback:
                return "it is loopback, this machine itself"
        elif address in IPV4_COMPATIBLE and int(address) != 0:
            return "it is an IPv4 address in IPv6 form; enter the IPv4 address"
        for network, reason in NEVER:
            if address in network:
                return reason
        if address in self.own_addresses:
            return "it is the product's own database or broker"
        if not any(address in network for network in self.networks):
            return "it lies in none of the customer's allowed networks"
        return None


def own_addresses(hosts: Iterable[str], resolve: Resolver = resolve_name) -> frozenset[IPAddress]:
    """Every address of the product's own database and broker; none for a socket path or a name without address."""
    found: set[IPAddress] = set()
    for host in hosts:
        if not host or host.startswith("/"):
            continue
        try:
            found.update(ip_address(address) for address in resolve(host))
        except (OSError, UnicodeError, ValueError):
            continue
    return frozenset(found)
