"""What a person can do about audits: start a run, cancel it, run what failed again."""

from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from audits.models import AuditRun, HostAudit, HostAuditState, RunState, Trigger
from audits.pipeline.ends import finish_run
from audits.pipeline.queue_run import queue_run
from audits.tasks import dispatch_now
from fleet import access, trail
from fleet.access import Viewer
from fleet.accounts.models import User
from fleet.models import Customer, Host


class NothingToAudit(Exception):
    """The target has no host. Says which target, and what to do."""


def start_run(
    viewer: Viewer | None,
    *,
    customer: Customer | None = None,
    hosts: Sequence[Host] | None = None,
    trigger: Trigger = Trigger.ON_DEMAND,
    retry_of: AuditRun | None = None,
) -> AuditRun:
    """Queue an audit of these hosts, of a customer's hosts, or with neither of all hosts; the run.

    `viewer` None is the server's own command line. A run of the same hosts that has not begun is returned instead of
    a second one. Raises PermissionDenied if the person may not audit one of the hosts, NothingToAudit if there is
    none. One transaction; the hints leave when it commits.
    """
    chosen = _chosen_hosts(viewer, customer, hosts)
    if not chosen:
        raise NothingToAudit(f"{_name_of(customer, hosts)}: no host to audit; add hosts with import_hosts first")
    single = hosts[0] if hosts is not None and len(hosts) == 1 else None
    person = viewer if isinstance(viewer, User) else None
    with transaction.atomic():
        run, is_new = queue_run(
            chosen,
            target=_name_of(customer, hosts),
            trigger=trigger,
            customer=customer or (single.customer if single else None),
            host=single,
            retry_of=retry_of,
            requested_by=person,
            requested_by_name=person.username if person else "command line",
        )
        if is_new:
            trail.record(viewer, "audit started", run.target, run=str(run.id), hosts=len(chosen), trigger=str(trigger))
            transaction.on_commit(dispatch_now)
    return run


def cancel_run(viewer: Viewer | None, run: AuditRun) -> bool:
    """Stop what has not begun now and what runs at its next section; False if the run had ended or was cancelled.

    Raises PermissionDenied unless the person may audit every customer in the run.
    """
    _require_every_customer(viewer, run)
    with transaction.atomic():
        is_first = AuditRun.objects.filter(
            pk=run.pk, state__in=(RunState.QUEUED, RunState.RUNNING), cancel_requested_at=None
        ).update(cancel_requested_at=timezone.now())
        if not is_first:
            return False
        HostAudit.objects.filter(run=run, state=HostAuditState.QUEUED).update(
            state=HostAuditState.CANCELLED, cause="cancelled_by_user", finished_at=timezone.now()
        )
        trail.record(viewer, "audit cancelled", run.target, run=str(run.id))
    finish_run(run.pk)
    return True


def rerun_failed(viewer: Viewer | None, run: AuditRun) -> AuditRun:
    """A new run of every host that did not succeed in this one, partial and cancelled included.

    Hosts this person may not audit are left out. Raises NothingToAudit when none is left.
    """
    failed = HostAudit.objects.filter(run=run, finished_at__isnull=False).exclude(state=HostAuditState.SUCCEEDED)
    hosts = list(_auditable(viewer).filter(pk__in=failed.values("host")).select_related("customer"))
    if not hosts:
        raise NothingToAudit(f"{run.target}: every host of this run succeeded or is still being audited")
    return start_run(viewer, hosts=hosts, retry_of=run)


def auditable_hosts(viewer: Viewer | None) -> QuerySet[Host]:
    """The hosts this person may audit; all of them for the command line."""
    return _auditable(viewer)


def _auditable(viewer: Viewer | None) -> QuerySet[Host]:
    if viewer is None:
        return Host.objects.all()
    if access.sees_everything(viewer):
        return access.hosts(viewer)
    allowed = [customer.pk for customer in access.customers(viewer) if access.may_audit(viewer, customer)]
    return access.hosts(viewer).filter(customer__in=allowed)


def _chosen_hosts(viewer: Viewer | None, customer: Customer | None, hosts: Sequence[Host] | None) -> list[UUID]:
    """Hosts of the target in a stable order. Naming a host or customer one may not audit is refused, not narrowed."""
    allowed = _auditable(viewer)
    if hosts is not None:
        wanted = {host.pk for host in hosts}
        found = set(allowed.filter(pk__in=wanted).values_list("pk", flat=True))
        if found != wanted:
            raise PermissionDenied("You may not audit all of these hosts.")
        return sorted(found)
    if customer is not None:
        if viewer is not None and not access.may_audit(viewer, customer):
            raise PermissionDenied("You may not audit this customer's hosts.")
        allowed = allowed.filter(customer=customer)
    return sorted(allowed.values_list("pk", flat=True))


def _name_of(customer: Customer | None, hosts: Sequence[Host] | None) -> str:
    if hosts is not None:
        return hosts[0].name if len(hosts) == 1 else f"{len(hosts)} hosts"
    return customer.name if customer is not None else "All customers"


def _require_every_customer(viewer: Viewer | None, run: AuditRun) -> None:
    if viewer is None or access.sees_everything(viewer):
        return
    customers = Customer.objects.filter(hosts__host_audits__run=run).distinct()
    if not all(access.may_audit(viewer, customer) for customer in customers):
        raise PermissionDenied("You may not cancel an audit of all customers in this run.")
