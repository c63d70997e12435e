"""Giving access to guests: which VMs a customer's credential may be sent to. Every change goes into the audit trail."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from fleet import trail
from fleet.access import Viewer
from fleet.models import Channel, Credential, Customer, GuestAccess, GuestGrant, Host
from fleet.services import InvalidInput, fingerprint_from
from fleet.vm_filter import filter_from

# A change of any of these sends a secret elsewhere, so it detaches the access until it is confirmed again.
WHERE_A_SECRET_GOES = ("credential_id", "address", "name", "port", "certificate_sha256")
# Longer than any guest with healthy writers takes; shorter than a host's whole time.
TIMEOUT_SECONDS = range(5, 101)


@transaction.atomic
def save_guest_access(
    actor: Viewer | None,
    customer: Customer,
    vm_filter: str,
    credential: Credential,
    *,
    host: Host | None = None,
    channel: str = Channel.POWERSHELL_DIRECT,
    timeout_seconds: int | None = None,
    way: Mapping[str, object] | None = None,
) -> tuple[GuestAccess, bool]:
    """The customer's access of that filter, host and channel, created where missing, and whether it was.

    `way`: address, name, port and certificate_sha256 of a guest that is signed in to by itself. On the server's command
    line (`actor` None) the change counts as confirmed. It grants nothing yet: see `grant`. Raises InvalidInput.
    """
    if credential.customer_id != customer.id or (host is not None and host.customer_id != customer.id):
        raise InvalidInput("customer, host and credential of a guest access must belong together")
    if channel not in Channel.values:
        raise InvalidInput(f"channel {channel!r}: choose one of {', '.join(Channel.values)}")
    try:
        pattern = filter_from(vm_filter)
    except ValueError as error:
        raise InvalidInput(str(error)) from error
    key = {"customer": customer, "host": host, "vm_filter": pattern, "channel": channel}
    access = GuestAccess.objects.select_for_update(of=("self",)).filter(**key).first()
    created = access is None
    access = access or GuestAccess(**key)
    before = {word: getattr(access, word) for word in WHERE_A_SECRET_GOES}
    access.credential = credential
    _apply(access, way or {})
    if timeout_seconds is not None:
        if timeout_seconds not in TIMEOUT_SECONDS:
            raise InvalidInput(f"a guest's timeout is {TIMEOUT_SECONDS[0]} to {TIMEOUT_SECONDS[-1]} seconds")
        access.timeout_seconds = timeout_seconds
    changed = [word for word, value in before.items() if getattr(access, word) != value]
    if actor is None:
        access.detached_at = None
    elif changed and not created:
        access.detached_at = timezone.now()
    access.save()
    trail.record(
        actor,
        "guest access created" if created else "guest access changed",
        f"{customer.name} / {pattern}",
        channel=channel,
        host=host.name if host else None,
        credential=credential.name,
        address=access.address,
        detached=access.detached_at is not None,
    )
    return access, created


def _apply(access: GuestAccess, way: Mapping[str, object]) -> None:
    for word in ("address", "name"):
        if way.get(word) is not None:
            setattr(access, word, str(way[word]).strip())
    if way.get("port") is not None:
        access.port = int(str(way["port"]))
        if not 1 <= access.port <= 65535:
            raise InvalidInput(f"port {access.port}: choose one of 1 to 65535")
    if way.get("certificate_sha256") is not None:
        access.certificate_sha256 = fingerprint_from(str(way["certificate_sha256"]))
    if access.channel == Channel.WINRM and not access.address:
        raise InvalidInput("the channel winrm needs the guest's address")
    if access.channel != Channel.WINRM and any(way.get(word) is not None for word in way):
        raise InvalidInput("an address, name, port or pin belongs to the channel winrm; PowerShell Direct needs none")
    access.name = access.name or access.address


@transaction.atomic
def grant(actor: Viewer | None, access: GuestAccess, vms: Iterable[tuple[str, str]], **detail: object) -> list[str]:
    """Let the access' credential be sent to these VMs (GUID and present name). Returns the names that are new."""
    known = set(access.grants.values_list("vm_guid", flat=True))
    new = {guid.lower(): name for guid, name in vms if guid.lower() not in known}
    GuestGrant.objects.bulk_create(
        [GuestGrant(access=access, vm_guid=guid, vm_name=name) for guid, name in new.items()], ignore_conflicts=True
    )
    if new:
        trail.record(
            actor,
            "guest access confirmed",
            f"{access.customer.name} / {access.vm_filter}",
            vms=[{"guid": guid, "name": name[:100]} for guid, name in new.items()],
            **detail,
        )
    return list(new.values())


@transaction.atomic
def withdraw(actor: Viewer | None, access: GuestAccess) -> int:
    """Take the access back, with all VMs that were bound by it; how many. An audit under way may still use it."""
    bound = access.grants.count()
    trail.record(actor, "guest access removed", f"{access.customer.name} / {access.vm_filter}", vms=bound)
    access.delete()
    return bound


def await_first_reading(access: GuestAccess, hosts: Iterable[Host]) -> None:
    """Confirm beforehand what matches on these hosts, whose VMs nobody knows yet, when they are read first."""
    access.unread_hosts.set(hosts)


@transaction.atomic
def grant_at_first_reading(access: GuestAccess, host: Host, vms: Iterable[tuple[str, str]]) -> list[str]:
    """Grant what was confirmed beforehand, once: afterwards this host's new or renamed VMs wait for a person."""
    held, _ = access.unread_hosts.through.objects.filter(guestaccess_id=access.pk, host_id=host.pk).delete()
    return grant(None, access, vms, first_reading_of=host.name) if held else []


def remember_refusals(access_id: UUID, vm_guids: Iterable[str], at: datetime) -> None:
    """Guests that refused the credential: it is not tried on them again until it is changed."""
    GuestGrant.objects.filter(access_id=access_id, vm_guid__in=list(vm_guids)).update(refused_at=at)
