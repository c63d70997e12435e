"""add_guest_access: let a customer's credential be sent to the guests whose VM names fit a pattern, as they are now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audits.models import HostState, Verdict
from fleet.find import NotOne, credential_named, customer_named, host_named
from fleet.guest_access import await_first_reading, grant, save_guest_access
from fleet.models import Channel, Customer, GuestAccess, Host
from fleet.services import InvalidInput
from fleet.vm_filter import matches

WAY = ("address", "name", "port", "certificate_sha256")


class Command(BaseCommand):
    help = (
        "Let a credential be sent to the guests of VMs whose names fit a pattern. It binds the VMs that fit now, by "
        "their GUIDs; one that is made or renamed later is named here and gets nothing until this command is run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customer", required=True)
        parser.add_argument("--vms", required=True, help="a pattern over VM names with * and ?, as 'SQL*'")
        parser.add_argument("--credential", required=True, help="as add_credential named it")
        parser.add_argument("--host", help="only VMs on this host")
        parser.add_argument("--channel", choices=Channel.values, default=Channel.POWERSHELL_DIRECT.value)
        parser.add_argument("--address", help="winrm: the guest's address; exactly one VM must fit the pattern")
        parser.add_argument("--name", help="winrm: what its certificate is made out to; the address without it")
        parser.add_argument("--port", type=int, help="winrm: 5986 without it")
        parser.add_argument("--sha256", dest="certificate_sha256", help="winrm: the fingerprint of its certificate")
        parser.add_argument("--timeout", type=int, help="seconds that one guest may take, 5 to 100; 30 without it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                access, created, vms, new, unread = _add(options)
        except (NotOne, InvalidInput) as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(f"{'created' if created else 'updated'} {access.vm_filter} of {access.customer.name}")
        for verdict in vms:
            mark = "new" if verdict.name in new else "known"
            self.stdout.write(f"{mark}\t{verdict.virtual_machine.guid}\t{verdict.name!a}\ton {verdict.host.name}")
        for host in unread:
            self.stderr.write(
                f"{host.name} was not read yet: what fits on its first reading is bound then, and only then"
            )
        if not vms and not unread:
            self.stderr.write(f"no VM fits {access.vm_filter!r} now: audit the hosts, then run this again")


def _add(options: dict[str, Any]) -> tuple[GuestAccess, bool, list[Verdict], set[str], list[Host]]:
    customer = customer_named(options["customer"])
    host = host_named(options["host"], customer) if options["host"] else None
    access, created = save_guest_access(
        None,
        customer,
        options["vms"],
        credential_named(options["credential"], customer),
        host=host,
        channel=options["channel"],
        timeout_seconds=options["timeout"],
        way={word: options[word] for word in WAY if options[word] is not None},
    )
    vms, unread = _fitting(access), _unread(customer, host)
    if access.channel == Channel.WINRM:
        if len(vms) != 1:
            names = ", ".join(f"{vm.name!a}" for vm in vms[:8]) or "none"
            raise InvalidInput(f"one address is one guest, so exactly one VM must fit {access.vm_filter!r}: {names}")
        unread = []
    await_first_reading(access, unread)
    new = set(grant(None, access, [(vm.virtual_machine.guid, vm.name) for vm in vms]))
    return access, created, vms, new, unread


def _fitting(access: GuestAccess) -> list[Verdict]:
    """The customer's known VMs that fit, wherever they are now; with a host, those it showed last."""
    known = Verdict.objects.filter(customer_id=access.customer_id).select_related("virtual_machine", "host")
    if access.host_id is not None:
        known = known.filter(host_id=access.host_id)
    return [
        verdict for verdict in known.order_by("name", "virtual_machine_id") if matches(access.vm_filter, verdict.name)
    ]


def _unread(customer: Customer, host: Host | None) -> list[Host]:
    hosts = customer.hosts.all() if host is None else Host.objects.filter(pk=host.pk)
    read = HostState.objects.filter(evidence_at__isnull=False).values("host_id")
    return list(hosts.exclude(pk__in=read))
