"""Evidence that somebody brought: a run that is over as it begins, stored by the same steps as a live audit."""

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from audits.models import AuditRun, HostAudit, HostAuditState, RunState, Trigger
from audits.pipeline.claim import LEASE, Claim
from audits.pipeline.ends import finish_run
from audits.pipeline.finish import finish
from audits.pipeline.one_host import judge_reading
from audits.pipeline.path_setting import BackupPathChanged
from audits.pipeline.reading import Reading
from fleet.accounts.models import User
from fleet.models import Host


class HostBusy(Exception):
    """The host is being audited, or its backup path set, at this moment. Nothing was stored."""


@transaction.atomic
def store_uploaded(host: Host, reading: Reading, *, by: User | None, by_name: str) -> AuditRun:
    """The run that holds this reading, ended. One transaction; raises HostBusy."""
    now = timezone.now()
    run = AuditRun.objects.create(
        state=RunState.RUNNING,
        trigger=Trigger.UPLOADED,
        customer=host.customer,
        host=host,
        target=host.name[:300],
        target_key=uuid.uuid4().hex,
        requested_by=by,
        requested_by_name=by_name,
        started_at=now,
    )
    try:
        with transaction.atomic():
            audit = HostAudit.objects.create(
                run=run,
                host=host,
                state=HostAuditState.RUNNING,
                queue=Trigger.UPLOADED,
                attempt=1,
                stage="evaluating",
                worker="upload",
                started_at=now,
                lease_expires_at=now + LEASE,
            )
    except IntegrityError as error:
        raise HostBusy from error  # one running audit per host; the only promise that a new row can break here
    claim = Claim(audit.id, run.id, host.id, audit.attempt, Trigger.UPLOADED)
    judgement = judge_reading(host, reading) if reading.is_usable else None
    try:
        finish(claim, host, reading, judgement)
    except BackupPathChanged as error:
        raise HostBusy from error
    finish_run(run.id)
    run.refresh_from_db()
    return run
