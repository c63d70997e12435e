"""Who sees what. The only place where scope is decided: every queryset a person can reach starts here.

Staff of the managed service provider see every customer; anybody else sees the customers they are a member of, and
without a membership nothing. `audits.access` builds on this for its own models.
"""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from fleet.accounts.models import User
from fleet.models import Credential, Customer, GuestAccess, Host, Membership, VirtualMachine

Viewer = User | AnonymousUser


def sees_everything(viewer: Viewer) -> bool:
    return isinstance(viewer, User) and viewer.is_active and viewer.is_staff


def customers(viewer: Viewer) -> QuerySet[Customer]:
    """The customers this person may see. An inactive or anonymous person sees none."""
    if sees_everything(viewer):
        return Customer.objects.all()
    if not isinstance(viewer, User) or not viewer.is_active:
        return Customer.objects.none()
    return Customer.objects.filter(memberships__user=viewer)


def hosts(viewer: Viewer) -> QuerySet[Host]:
    if sees_everything(viewer):
        return Host.objects.all()
    return Host.objects.filter(customer__in=customers(viewer))


def credentials(viewer: Viewer) -> QuerySet[Credential]:
    if sees_everything(viewer):
        return Credential.objects.all()
    return Credential.objects.filter(customer__in=customers(viewer))


def guest_accesses(viewer: Viewer) -> QuerySet[GuestAccess]:
    if sees_everything(viewer):
        return GuestAccess.objects.all()
    return GuestAccess.objects.filter(customer__in=customers(viewer))


def virtual_machines(viewer: Viewer) -> QuerySet[VirtualMachine]:
    if sees_everything(viewer):
        return VirtualMachine.objects.all()
    return VirtualMachine.objects.filter(customer__in=customers(viewer))


def may_audit(viewer: Viewer, customer: Customer) -> bool:
    """Whether this person may start or cancel an audit of the customer's hosts."""
    if sees_everything(viewer):
        return True
    return (
        isinstance(viewer, User)
        and viewer.is_active
        and Membership.objects.filter(user=viewer, customer=customer, role=Membership.Role.OPERATOR).exists()
    )


def may_set_backup_path(viewer: Viewer, customer: Customer) -> bool:
    """Whether this person may say which way the customer's backups take: whoever may audit the hosts, no mere viewer.

    The setting sends nothing anywhere; it decides how what was read is told.
    """
    return may_audit(viewer, customer)
