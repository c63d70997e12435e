"""Customers, hosts and runs for tests that need rows and no wire."""

from django.db import connection

from audits.collect.ending import Ending
from audits.judgement.outcomes import Outcome
from audits.models import AuditRun, HostAudit, HostState
from audits.pipeline.claim import Claim, take
from audits.pipeline.ends import finish_run
from audits.pipeline.finish import finish
from audits.pipeline.reading import Reading
from fleet.models import Customer, Host


def a_customer(name: str = "Contoso") -> Customer:
    return Customer.objects.create(name=name)


def a_host(customer: Customer | None = None, name: str = "hv01") -> Host:
    return Host.objects.create(customer=customer or a_customer(), name=name, address=f"{name}.example", port=5986)


def the_audit(run: AuditRun, host: Host) -> HostAudit:
    return HostAudit.objects.get(run=run, host=host)


def claimed(run: AuditRun, host: Host, worker: str = "worker-1") -> Claim:
    """The claim of a worker that has just taken this audit."""
    claim = take(the_audit(run, host).pk, worker)
    assert claim is not None
    return claim


def let_lease_expire(claim: Claim) -> None:
    """As if the worker had been silent for more than its lease."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audits_hostaudit SET lease_expires_at = now() - interval '1 second' WHERE id = %s", [claim.id]
        )


def end_with(claim: Claim, host: Host, outcome: Outcome, code: str | None = None) -> None:
    """The end of an audit that read nothing."""
    finish(claim, host, Reading(Ending(outcome, code)), None)
    finish_run(claim.run_id)


def known_state(host: Host) -> HostState:
    return HostState.objects.get(host=host)
