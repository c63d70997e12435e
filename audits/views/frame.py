"""What several pages need to know about the person in front of them."""

from fleet import access
from fleet.access import Viewer
from fleet.models import Customer, Membership


def may_audit_anything(viewer: Viewer) -> bool:
    """Whether a button that audits "all my hosts" makes sense. A viewer-only member gets none."""
    if access.sees_everything(viewer):
        return True
    mine = Customer.objects.filter(memberships__user=viewer.pk, memberships__role=Membership.Role.OPERATOR)
    return access.customers(viewer).filter(pk__in=mine).exists()
