"""Which guests of a customer may be asked, and which VMs fit a pattern and wait for a person's confirmation."""

from dataclasses import dataclass

from audits import access
from fleet import access as fleet_access
from fleet.access import Viewer
from fleet.models import Customer, GuestAccess
from fleet.vm_filter import matches

# Names shown of those that wait; the command lists all.
MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class AccessRow:
    """`waiting`: names of VMs that fit the pattern and get no secret until somebody confirms them."""

    access: GuestAccess
    bound: int
    refused: int
    waiting: list[str]


def access_rows(viewer: Viewer, customer: Customer) -> list[AccessRow]:
    """Two queries, and a third only where there is any access."""
    accesses = list(
        fleet_access.guest_accesses(viewer)
        .filter(customer=customer)
        .select_related("credential", "host")
        .prefetch_related("grants")
    )
    if not accesses:
        return []
    known = access.verdicts(viewer).filter(customer=customer).values_list("virtual_machine__guid", "name", "host_id")
    return [_row(each, list(known)) for each in accesses]


def _row(each: GuestAccess, known: list[tuple[str, str, object]]) -> AccessRow:
    grants = list(each.grants.all())
    bound = {grant.vm_guid for grant in grants}
    waiting = [
        name
        for guid, name, host_id in known
        if guid not in bound and each.host_id in (None, host_id) and matches(each.vm_filter, name)
    ]
    return AccessRow(
        each, len(bound), sum(grant.refused_at is not None for grant in grants), sorted(waiting)[:MOST_NAMES]
    )
