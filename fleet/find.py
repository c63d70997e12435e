"""Find a customer, host or credential by the name a person typed; say what fits when none or several do."""

from dataclasses import dataclass

from fleet.models import Credential, Customer, Host


@dataclass
class NotOne(Exception):
    """A name fits none or several. The text names the candidates, so that the next attempt can be exact."""

    kind: str
    name: str
    candidates: list[str]
    several: bool = False

    def __str__(self) -> str:
        listed = "; ".join(self.candidates) or "none"
        if self.several:
            return f"{self.kind} {self.name!r} fits several: {listed}. Name the customer as well."
        return f"there is no {self.kind} {self.name!r}. Candidates: {listed}."


# Enough to recognise the right one, few enough for one screen.
CANDIDATES_SHOWN = 8


def customer_named(name: str) -> Customer:
    """The customer of that name, case ignored. Raises NotOne with those whose name contains the text."""
    found = Customer.objects.filter(name__iexact=name).first()
    if found is None:
        similar = Customer.objects.filter(name__icontains=name.strip()[:40]).values_list("name", flat=True)
        raise NotOne("customer", name, sorted(similar)[:CANDIDATES_SHOWN])
    return found


def host_named(name: str, customer: Customer | None = None) -> Host:
    """The host of that name, within one customer where given. Raises NotOne when none or several fit."""
    hosts = Host.objects.select_related("customer", "credential")
    if customer is not None:
        hosts = hosts.filter(customer=customer)
    found = list(hosts.filter(name__iexact=name)[: CANDIDATES_SHOWN + 1])
    if len(found) == 1:
        return found[0]
    similar = found or list(hosts.filter(name__icontains=name.strip()[:40])[:CANDIDATES_SHOWN])
    raise NotOne("host", name, sorted(f"{host.name} of {host.customer.name}" for host in similar), several=bool(found))


def credential_named(name: str, customer: Customer) -> Credential:
    """The credential of that name of the customer. Raises NotOne naming the customer's credentials."""
    found = customer.credentials.filter(name__iexact=name).first()
    if found is None:
        raise NotOne("credential", name, [credential.name for credential in customer.credentials.all()])
    return found
