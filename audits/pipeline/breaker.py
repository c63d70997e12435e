"""When a scheduled audit is not tried: a breaker protects accounts from lock-out and workers from dead hosts."""

from datetime import datetime, timedelta

from django.utils import timezone

from audits.collect.ending import Ending
from audits.judgement.outcomes import Outcome
from audits.models import HostAudit, HostState, Trigger
from audits.pipeline.claim import Claim
from fleet.models import Host

# After this time one scheduled audit tries again: a password may have been put right, a host switched on.
HALF_OPEN_AFTER = timedelta(minutes=15)
# One rejection may be the host's fault; with the second one it is the credential's, and a third could lock it out.
REJECTIONS_PER_CREDENTIAL = 2
# One missed run is a reboot, two a long patch night.
UNREACHABLE_IN_A_ROW = 3


def why_not_tried(claim: Claim, host: Host) -> Ending | None:
    """The ending of an audit that an open breaker stops; None: try. An audit on demand is always tried."""
    if claim.queue != Trigger.SCHEDULED:
        return None
    last = _last_real_attempt(host)
    if last is not None and last.finished_at is not None and timezone.now() - last.finished_at < HALF_OPEN_AFTER:
        in_a_row = HostState.objects.filter(host=host).values_list("failures_in_a_row", flat=True).first() or 0
        if in_a_row >= UNREACHABLE_IN_A_ROW:
            return _open(f"unreachable {in_a_row} times in a row")
        if last.cause == "credential_rejected" and not _changed_since(host, last.finished_at):
            return _open("the host rejected this credential")
    if host.credential_id is not None and _rejections_in_run(claim, host) >= REJECTIONS_PER_CREDENTIAL:
        return _open(f"{REJECTIONS_PER_CREDENTIAL} hosts of this run rejected this credential")
    return None


def _last_real_attempt(host: Host) -> HostAudit | None:
    """What an open breaker skipped was no attempt: counting it would keep the breaker open for ever.

    Nor is an upload: it says nothing of the way to the host, and must not close a breaker.
    """
    ended = HostAudit.objects.filter(host=host, finished_at__isnull=False).exclude(queue=Trigger.UPLOADED)
    return ended.exclude(cause__in=("circuit_open", "cancelled_by_user")).order_by("-finished_at").first()


def _open(detail: str) -> Ending:
    return Ending(Outcome.UNREACHABLE, "circuit_open", detail)


def _changed_since(host: Host, moment: datetime) -> bool:
    """Whether somebody has entered the credential anew since then."""
    return host.credential is None or host.credential.changed_at > moment


def _rejections_in_run(claim: Claim, host: Host) -> int:
    return HostAudit.objects.filter(
        run_id=claim.run_id, state=Outcome.DENIED, cause="credential_rejected", host__credential=host.credential_id
    ).count()
