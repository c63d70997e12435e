"""The simulated fleet entered into the product, and audits of it by the real pipeline, without waiting."""

import dataclasses
import hashlib
import json
import ssl
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from audits.collect.probes import probe_script
from audits.collect.winrm import Deadlines, Watchdog
from audits.models import AuditRun, HostAudit
from audits.pipeline.lease import LeaseKeeper
from audits.pipeline.one_host import Workshop, audit_next
from fleet.models import Credential, Customer, Host, Network
from fleet.vault import vault_from
from simulator import estates
from simulator.engine import host_now
from simulator.estates.estate import Estate
from simulator.fleet import SimulatedFleet
from simulator.hosts import HostDefinition
from simulator.windows import HostSections, WindowsHost
from simulator.windows_engine import WindowsEngine
from simulator.wire.tls import CertificateStore

# Every host that answers does so within a second; the others are to use up their deadlines quickly.
DEADLINES = Deadlines(
    soft_seconds=12, hard_seconds=16, connect_seconds=2, answer_seconds=6, poll_seconds=1, cleanup_seconds=2
)
THREADS = 16
USERNAME, PASSWORD = "CONTOSO\\audit", "Correct-Horse-1"


def workshop(name: str = "test") -> Workshop:
    return Workshop(name=name, leases=LeaseKeeper(), watchdog=Watchdog(), script=probe_script(), deadlines=DEADLINES)


@contextmanager
def entered_estate(name: str, directory: Path) -> Iterator[SimulatedFleet]:
    """Serve an estate whose hosts answer without pauses, and enter it with `seed_demo`."""
    estate = _without_pauses(estates.read_estate(name))
    definitions = [dataclasses.replace(each, port=-1) for each in estates.definitions_of(estate)]
    with SimulatedFleet(definitions, directory) as fleet:
        document = estates.entries_of(estate, CertificateStore(directory / "certificates"))
        served = {host.name for host in estate.hosts if host.served}
        for customer in document["customers"]:
            for host in customer["hosts"]:
                if host["name"] in served:
                    host["port"] = max(fleet.port(host["name"]), 0) or host["port"]
        file = directory / "estate.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        call_command("seed_demo", "--from", str(file), verbosity=0)
        yield fleet


@contextmanager
def entered_hosts(
    said: Sequence[WindowsHost], directory: Path, sections: type[HostSections] = HostSections
) -> Iterator[SimulatedFleet]:
    """Serve these hosts, and enter them for one customer with pinned certificates and a credential that works."""
    definitions = [
        HostDefinition(
            name=host.name,
            address=f"127.96.0.{number}",
            accounts={USERNAME: PASSWORD},
            port=-1,
            engine=WindowsEngine(sections(host, clock=host_now)),
        )
        for number, host in enumerate(said, start=1)
    ]
    customer = Customer.objects.create(name="Contoso")
    Network.objects.create(customer=customer, cidr="127.96.0.0/24")
    credential = Credential(customer=customer, name="audit", username=USERNAME)
    vault = vault_from(settings.FLEET_AUDIT_VAULT_KEY_FILE)
    credential.sealed_secret = vault.seal(PASSWORD, place=credential.id)
    credential.save()
    with SimulatedFleet(definitions, directory) as fleet:
        for definition in definitions:
            pem = fleet.certificate_path(definition.name).read_text(encoding="ascii")
            leaf = pem[pem.index(ssl.PEM_HEADER) :]
            Host.objects.create(
                customer=customer,
                name=definition.name,
                address=definition.address,
                port=fleet.port(definition.name),
                credential=credential,
                certificate_sha256=hashlib.sha256(ssl.PEM_cert_to_DER_cert(leaf)).hexdigest(),
            )
        yield fleet


def _without_pauses(estate: Estate) -> Estate:
    customers = (
        dataclasses.replace(
            customer,
            hosts=tuple(
                dataclasses.replace(host, windows=dataclasses.replace(host.windows, seconds=0))
                for host in customer.hosts
            ),
        )
        for customer in estate.customers
    )
    return Estate(estate.name, tuple(customers))


def audit_all(run: AuditRun) -> AuditRun:
    """Audit every host of the run, many at a time as a worker does; the run, ended."""
    shop = workshop()
    ids = list(HostAudit.objects.filter(run=run).values_list("pk", flat=True))

    def one(host_audit_id: object) -> None:
        try:
            audit_next(host_audit_id, shop)  # type: ignore[arg-type]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(one, host_audit_id) for host_audit_id in ids]:
            done.result()
    run.refresh_from_db()
    return run


def audit_here(run: AuditRun) -> AuditRun:
    """The same in this thread, inside a test's transaction."""
    shop = workshop()
    for host_audit_id in HostAudit.objects.filter(run=run).values_list("pk", flat=True):
        audit_next(host_audit_id, shop)
    run.refresh_from_db()
    return run


def a_host(name: str) -> Host:
    return Host.objects.select_related("customer", "credential").get(name=name)
