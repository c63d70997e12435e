"""An estate read from its folder, and moved to the addresses of one running instance."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from simulator.blocks import moved_address
from simulator.estates.scenario import Customer, Host, ScenarioError, read_customer

FOLDER = Path(__file__).parent


class NoSuchEstate(LookupError):
    """A name that no folder of scenario files has."""


@dataclass(frozen=True)
class Estate:
    name: str
    customers: tuple[Customer, ...]

    @property
    def hosts(self) -> tuple[Host, ...]:
        return tuple(host for customer in self.customers for host in customer.hosts)


def names() -> list[str]:
    """All estates there are."""
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and any(path.glob("*.toml")))


def read_estate(name: str, block: int = 0) -> Estate:
    """The estate called `name`, its loopback addresses 127.x.0.y moved to 127.x.`block`.y.

    Two instances on one machine use two blocks, so that both find port 5986 free on their addresses; a customer's
    network is a /16 and holds them all.
    """
    if name not in names():
        raise NoSuchEstate(f"no estate is called {name!r}; there are: {', '.join(names())}")
    customers = [read_customer(path) for path in sorted((FOLDER / name).glob("*.toml"))]
    moved = tuple(
        dataclasses.replace(each, hosts=tuple(_moved(host, block) for host in each.hosts)) for each in customers
    )
    estate = Estate(name, moved)
    _refuse_doubles(estate)
    return estate


def _moved_customer(customer: Customer, block: int) -> Customer:
    return dataclasses.replace(customer, hosts=tuple(_moved(host, block) for host in customer.hosts))


def _moved(host: Host, block: int) -> Host:
    return dataclasses.replace(host, address=moved_address(host.address, block)) if host.served else host


def _refuse_doubles(estate: Estate) -> None:
    for word, values in (
        ("name", [host.name for host in estate.hosts]),
        ("address", [host.address for host in estate.hosts if host.served]),
    ):
        doubled = {value for value in values if values.count(value) > 1}
        if doubled:
            raise ScenarioError(f"estate {estate.name!r}: two hosts have the {word} {sorted(doubled)[0]!r}")
