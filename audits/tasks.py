"""The two tasks. Ids travel, nothing else; both are safe to run twice."""

import logging
import os
import socket
from collections.abc import Sequence
from functools import cache
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from audits import upkeep
from audits.collect.winrm import Watchdog
from audits.pipeline.lease import process_lease_keeper
from audits.pipeline.one_host import Workshop, audit_next
from audits.pipeline.script import probe_script
from audits.upkeep import Hint

logger = logging.getLogger(__name__)

# Threads have no time limits of Celery's; the numbers say how long a task may take, and the code below keeps them:
# the transport's hard deadline with the time to store, and statements that look at rows.
AUDIT_SECONDS = 180
TICK_SECONDS = 30


@shared_task(name="audits.tasks.audit_host", ignore_result=True, time_limit=AUDIT_SECONDS)  # type: ignore[untyped-decorator]
def audit_host(host_audit_id: str) -> None:
    """Audit the host of this HostAudit, if it is its turn; then tell the next one in line."""
    claim = audit_next(UUID(host_audit_id), workshop())
    if claim is not None:
        send(upkeep.next_hint_for(claim.host_id))


@shared_task(name="audits.tasks.tick", ignore_result=True, time_limit=TICK_SECONDS)  # type: ignore[untyped-decorator]
def tick() -> None:
    """Every five seconds: what has to happen by itself."""
    upkeep.tick(send)


def send(hints: Sequence[Hint]) -> None:
    """Hints to the broker. One that is away is no error: the rows wait, and a later tick sends their hints."""
    try:
        for hint in hints:
            audit_host.apply_async(args=[str(hint.host_audit_id)], queue=hint.queue, retry=False)
    except OperationalError as error:
        logger.warning("%d hints not sent, the next tick tries again: %s", len(hints), error)


def dispatch_now() -> None:
    """Hints for what has just been queued, without waiting for the next tick."""
    upkeep.dispatch(send)


@cache
def workshop() -> Workshop:
    """What all audits of this worker process share."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    return Workshop(name=name, leases=process_lease_keeper(), watchdog=Watchdog(), script=probe_script)
