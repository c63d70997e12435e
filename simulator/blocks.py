"""Blocks of loopback addresses: two instances on one machine serve one estate without getting in each other's way."""

import dataclasses
import ipaddress
from collections.abc import Iterable

from simulator.hosts import HostDefinition

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


def moved_address(address: str, block: int) -> str:
    """127.x.0.y as 127.x.`block`.y; a name, or an address elsewhere, as it is. ValueError for a block that is none."""
    if not 0 <= block <= 255:
        raise ValueError(f"block {block}: the third number of an address is 0 to 255")
    try:
        outside = ipaddress.ip_address(address) not in LOOPBACK
    except ValueError:
        return address
    octets = address.split(".")
    return address if outside or octets[2] != "0" else ".".join([*octets[:2], str(block), octets[3]])


def in_block(definitions: Iterable[HostDefinition], block: int) -> list[HostDefinition]:
    """The same hosts at the addresses of this block."""
    return [dataclasses.replace(each, address=moved_address(each.address, block)) for each in definitions]
