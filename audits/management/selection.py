"""Which customer and hosts a command line means; a name that fits none or several ends with the candidates."""

from django.core.management.base import CommandError
from django.db.models import Q

from audits.collect.plain import plain
from fleet.models import Customer, Host

# More candidates than this help nobody.
MOST_CANDIDATES = 20


def usage_error(sentence: str) -> CommandError:
    """An error of the person at the command line: exit code 2."""
    return CommandError(sentence, returncode=2)


def customer_named(name: str | None) -> Customer | None:
    """The customer of this name, upper and lower case alike; None for no name."""
    if name is None:
        return None
    customer = Customer.objects.filter(name__iexact=name).first()
    if customer is None:
        known = _listed([customer.name for customer in Customer.objects.all()[: MOST_CANDIDATES + 1]])
        raise usage_error(f"no customer is named {plain(name)!r}; known are: {known}")
    return customer


def hosts_named(names: list[str], customer: Customer | None) -> list[Host]:
    """One host per name, by its name or address. Raises with the candidates where a name fits none or several."""
    return [_host_named(name, customer) for name in names]


def _host_named(name: str, customer: Customer | None) -> Host:
    hosts = Host.objects.select_related("customer").order_by("customer__name", "name")
    if customer is not None:
        hosts = hosts.filter(customer=customer)
    found = list(hosts.filter(name__iexact=name)) or list(hosts.filter(address__iexact=name))
    if len(found) == 1:
        return found[0]
    if found:
        places = _listed([f"{host.name} of {host.customer.name}" for host in found])
        raise usage_error(f"{plain(name)!r} fits {len(found)} hosts: {places}; name one with --customer")
    similar = hosts.filter(Q(name__icontains=name) | Q(name__istartswith=name[:3]))[: MOST_CANDIDATES + 1]
    candidates = _listed([f"{host.name} of {host.customer.name}" for host in similar]) or "none is similar"
    raise usage_error(f"no host is named {plain(name)!r}; candidates: {candidates}")


def _listed(names: list[str]) -> str:
    more = ", ..." if len(names) > MOST_CANDIDATES else ""
    return ", ".join(plain(name) for name in names[:MOST_CANDIDATES]) + more
