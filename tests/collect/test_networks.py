"""The address guard: only a customer's own networks, never this machine or its neighbours, whatever DNS says."""

import pytest

from fleet.networks import AddressGuard, AddressNotAllowed, NameNotResolved, own_addresses, parse_networks

EVERYWHERE = parse_networks(["0.0.0.0/0", "::/0"])


def guard(*networks: str, names: dict[str, list[str]] | None = None, **options: object) -> AddressGuard:
    def resolve(name: str) -> list[str]:
        return (names or {})[name]

    return AddressGuard(networks=parse_networks(networks), resolve=resolve, **options)  # type: ignore[arg-type]


def test_a_name_inside_the_networks_gives_its_literal_addresses_in_order() -> None:
    names = {"hv01": ["10.1.0.7", "fd12::7"]}
    assert guard("10.1.0.0/16", "fd12::/64", names=names).check("hv01") == ("10.1.0.7", "fd12::7")


def test_a_literal_address_is_not_resolved() -> None:
    assert guard("10.1.0.0/16").check("10.1.0.7") == ("10.1.0.7",)


def test_one_address_outside_refuses_the_whole_name() -> None:
    with pytest.raises(AddressNotAllowed, match=r"192\.0\.2\.9"):
        guard("10.1.0.0/16", names={"hv01": ["10.1.0.7", "192.0.2.9"]}).check("hv01")


def test_without_networks_nothing_is_contacted_or_even_resolved() -> None:
    with pytest.raises(AddressNotAllowed, match="no allowed networks"):
        AddressGuard(networks=(), resolve=lambda name: pytest.fail("must not be asked")).check("hv01")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "169.254.169.254",
        "169.254.1.1",
        "fe80::1",
        "fe80::1%1",
        "224.0.0.251",
        "ff02::1",
        "255.255.255.255",
        "fd00:ec2::254",
        "168.63.129.16",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
    ],
)
def test_some_addresses_are_refused_even_when_everything_is_allowed(address: str) -> None:
    everywhere = AddressGuard(networks=EVERYWHERE, resolve=lambda name: [address])
    with pytest.raises(AddressNotAllowed):
        everywhere.check(address)
    with pytest.raises(AddressNotAllowed):
        everywhere.check("innocent.example")


def test_loopback_needs_the_switch_and_an_allowed_network() -> None:
    assert guard("127.0.0.0/8", allow_loopback=True).check("127.77.0.1") == ("127.77.0.1",)
    with pytest.raises(AddressNotAllowed, match="loopback"):
        guard("127.0.0.0/8").check("127.77.0.1")
    with pytest.raises(AddressNotAllowed, match="none of the customer's"):
        guard("10.0.0.0/8", allow_loopback=True).check("127.77.0.1")


def test_loopback_switch_opens_nothing_else() -> None:
    with pytest.raises(AddressNotAllowed, match="link-local"):
        AddressGuard(networks=EVERYWHERE, allow_loopback=True).check("169.254.169.254")
    with pytest.raises(AddressNotAllowed, match="IPv4 address in IPv6 form"):
        AddressGuard(networks=EVERYWHERE, allow_loopback=True).check("::ffff:127.0.0.1")


def test_the_products_own_database_is_refused_inside_an_allowed_network() -> None:
    def resolve(name: str) -> list[str]:
        if name == "postgres":
            return ["10.1.0.2"]
        raise OSError("no such name")

    own = own_addresses(["postgres", "/run/postgresql", "gone"], resolve)
    assert [str(address) for address in own] == ["10.1.0.2"]
    with pytest.raises(AddressNotAllowed, match="own database or broker"):
        guard("10.1.0.0/16", own_addresses=own).check("10.1.0.2")


@pytest.mark.parametrize("problem", [OSError("no such name"), UnicodeError("label too long")])
def test_a_name_without_address_says_so(problem: Exception) -> None:
    def resolve(name: str) -> list[str]:
        raise problem

    with pytest.raises(NameNotResolved, match=r"hv01\.example does not resolve"):
        AddressGuard(networks=EVERYWHERE, resolve=resolve).check("hv01.example")


def test_an_odd_spelling_of_loopback_is_judged_by_its_address() -> None:
    with pytest.raises(AddressNotAllowed, match="loopback"):
        AddressGuard(networks=EVERYWHERE).check("127.1")


def test_a_name_that_resolves_to_nothing_is_not_resolved() -> None:
    with pytest.raises(NameNotResolved):
        AddressGuard(networks=EVERYWHERE, resolve=lambda name: []).check("hv01")


def test_a_network_with_host_bits_is_a_typing_error() -> None:
    with pytest.raises(ValueError, match=r"10\.1\.0\.7/16"):
        parse_networks(["10.1.0.7/16"])
