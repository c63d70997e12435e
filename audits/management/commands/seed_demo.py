"""seed_demo: enter the demo's customers, networks, credentials and hosts, as a person would. Harmless to repeat."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audits.models import HostAudit, Schedule
from audits.schedules import save_schedule, weekdays_from, window_from
from audits.services import start_run
from fleet.guest_access import await_first_reading, save_guest_access
from fleet.models import Credential, Customer, Host
from fleet.services import InvalidInput, save_credential, save_customer, save_host
from fleet.vault import Vault, VaultError, vault_from

VERSION = 1
HOST_WORDS = (
    "address",
    "port",
    "scheme",
    "auth",
    "certificate_sha256",
    "backup_path",
    "rights_level",
    "endpoint_name",
    "tags",
)
TAG = "demo"


class Command(BaseCommand):
    help = "Enter the customers and hosts of the simulated fleet. Run again, it changes only what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="file", type=Path, required=True, help="the JSON the simulator wrote")
        parser.add_argument("--start", action="store_true", help="start the fleet's first audit, unless it had one")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.FLEET_AUDIT_ALLOW_LOOPBACK:
            raise CommandError(
                "the simulated fleet lives at 127.0.0.0/8: set FLEET_AUDIT_ALLOW_LOOPBACK=1", returncode=2
            )
        document = _read(options["file"])
        try:
            vault = vault_from(settings.FLEET_AUDIT_VAULT_KEY_FILE)
            with transaction.atomic():
                changes = sum(_enter_customer(entry, vault) for entry in document["customers"])
        except InvalidInput as error:
            raise CommandError(str(error), returncode=2) from error
        except VaultError as error:
            raise CommandError(str(error)) from error
        hosts = sum(len(entry["hosts"]) for entry in document["customers"])
        self.stdout.write(f"{len(document['customers'])} demo customers with {hosts} hosts, {changes} changes")
        if options["start"] and _start_first_run():
            self.stdout.write("the first audit has begun")


def _start_first_run() -> bool:
    """Audit the demo's hosts unless any of them has been audited before; whether that was needed."""
    hosts = list(Host.objects.filter(customer__is_demo=True).select_related("customer"))
    if HostAudit.objects.filter(host__in=hosts).exists():
        return False
    start_run(None, hosts=hosts)
    return True


def _read(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path}: {error}. The simulator writes it: serve --entries {path}", returncode=2) from error
    if document.get("version") != VERSION:
        raise CommandError(f"{path}: version {VERSION} is understood, not {document.get('version')!r}", returncode=2)
    return document


def _enter_customer(entry: dict[str, Any], vault: Vault) -> int:
    """The number of changes that were needed: customer, schedule, credential and hosts count one each."""
    customer = Customer.objects.filter(name__iexact=entry["name"]).first()
    if customer is not None and not customer.is_demo:
        raise InvalidInput(f"{customer.name!r} is a customer already and not of the demo: rename it, then repeat")
    changes = 0
    if customer is None or _differs(customer, entry):
        customer, _ = save_customer(
            None,
            entry["name"],
            networks=entry["networks"],
            backup_path=entry["backup_path"],
            ca_pem=entry["ca_pem"],
            is_demo=True,
        )
        changes += 1
    changes += _enter_schedule(customer, entry.get("schedule"))
    credential, changed = _enter_credential(customer, entry["credential"], vault)
    changes += changed + sum(_enter_host(customer, credential, host) for host in entry["hosts"])
    return changes + _enter_guest_access(customer, entry, vault)


def _differs(customer: Customer, entry: dict[str, Any]) -> bool:
    networks = {network.cidr for network in customer.networks.all()}
    return (customer.backup_path, customer.ca_pem, networks) != (
        entry["backup_path"],
        entry["ca_pem"],
        set(entry["networks"]),
    )


def _enter_schedule(customer: Customer, entry: dict[str, str] | None) -> bool:
    """A schedule that is there is left alone: somebody may be trying out another window."""
    if entry is None or Schedule.objects.filter(customer=customer).exists():
        return False
    window, days = window_from(entry["window"]), weekdays_from(entry["days"])
    save_schedule(None, customer, window=window, time_zone=entry["time_zone"], weekdays=days)
    return True


def _enter_credential(customer: Customer, entry: dict[str, Any], vault: Vault) -> tuple[Credential, bool]:
    """A credential that is there is left alone: somebody may be trying out what a wrong password does."""
    known = customer.credentials.filter(name__iexact=entry["name"]).first()
    if known is not None:
        return known, False
    credential, _ = save_credential(None, customer, entry["name"], entry["username"], entry["password"], vault)
    return credential, True


def _enter_host(customer: Customer, credential: Credential, entry: dict[str, Any]) -> bool:
    host = Host.objects.filter(customer=customer, name__iexact=entry["name"]).first()
    wanted = {word: entry[word] for word in HOST_WORDS} | {"credential_id": credential.id}
    wanted["tags"] = sorted({TAG, *entry["tags"]})
    if host is not None and all(getattr(host, word) == value for word, value in wanted.items()):
        return False
    host = host or Host(customer=customer, name=entry["name"])
    for word, value in wanted.items():
        setattr(host, word, value)
    save_host(None, host)
    return True


def _enter_guest_access(customer: Customer, entry: dict[str, Any], vault: Vault) -> int:
    """Access that is there is left alone. The demo's VMs are not known yet: they are bound on their first reading."""
    if not entry.get("guest_credential"):
        return 0
    credential, changed = _enter_credential(customer, entry["guest_credential"], vault)
    known = set(customer.guest_accesses.values_list("vm_filter", flat=True))
    missing = [pattern for pattern in entry["guest_access"] if pattern not in known]
    for pattern in missing:
        access, _ = save_guest_access(None, customer, pattern, credential)
        await_first_reading(access, customer.hosts.all())
    return changed + len(missing)
