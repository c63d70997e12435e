"""The search box: customers, hosts, VMs and checks whose name holds the words, a few of each."""

from dataclasses import dataclass

from django.db.models import Q

from audits import access
from audits.judgement.rule import Rule
from audits.judgement.rules import RULES
from audits.models import Verdict
from fleet import access as fleet_access
from fleet.access import Viewer
from fleet.models import Customer, Host

MOST_OF_EACH = 20
# PostgreSQL reads no pattern longer than a name can be.
LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Found:
    text: str
    customers: list[Customer]
    hosts: list[Host]
    vms: list[Verdict]
    checks: list[Rule]

    @property
    def total(self) -> int:
        return len(self.customers) + len(self.hosts) + len(self.vms) + len(self.checks)


def search(viewer: Viewer, text: str) -> Found:
    """Three queries. An empty text finds nothing."""
    text = text.replace("\x00", "").strip()[:LONGEST_TEXT]
    if not text:
        return Found("", [], [], [], [])
    folded = text.casefold()
    return Found(
        text=text,
        customers=list(fleet_access.customers(viewer).filter(name__icontains=text).order_by("name")[:MOST_OF_EACH]),
        hosts=list(
            fleet_access.hosts(viewer)
            .filter(Q(name__icontains=text) | Q(address__icontains=text))
            .select_related("customer")
            .order_by("name")[:MOST_OF_EACH]
        ),
        vms=list(
            access.verdicts(viewer)
            .filter(Q(name__icontains=text) | Q(virtual_machine__guid__iexact=text))
            .select_related("customer", "host")
            .order_by("name")[:MOST_OF_EACH]
        ),
        checks=[rule for rule in RULES.values() if folded in rule.id.casefold() or folded in rule.title.casefold()],
    )
