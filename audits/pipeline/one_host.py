"""One host from its turn to stored results: claim, collect, judge, store. Each step is a file of this package."""

import logging
import time
from dataclasses import dataclass, field
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from audits.collect.ending import EXPECTED_SECTIONS, Ending
from audits.collect.host import collect_host
from audits.collect.plain import plain
from audits.collect.sections import DecodedSection
from audits.collect.winrm import Deadlines, Watchdog
from audits.judgement.judge import Judgement, judge
from audits.judgement.outcomes import Outcome
from audits.judgement.words import BackupPath
from audits.pipeline.breaker import why_not_tried
from audits.pipeline.claim import Claim, ClaimLost, take
from audits.pipeline.ends import finish_run
from audits.pipeline.finish import finish
from audits.pipeline.guests import planner_of
from audits.pipeline.lease import LeaseKeeper
from audits.pipeline.nights import backup_windows_of
from audits.pipeline.path_setting import BackupPathChanged
from audits.pipeline.progress import Progress
from audits.pipeline.reading import Arrival, Reading
from audits.pipeline.target import NotTried, guard_of, open_secret, request_of, target_of
from fleet.models import Host

logger = logging.getLogger(__name__)

# Storing is repeated while PostgreSQL restarts (0.2 s after a crash), because asking the host again would cost it
# another sign-in. All pauses together stay below the lease.
STORE_AGAIN_AFTER_SECONDS = (0.2, 1.0, 3.0, 10.0)
# Judging and storing after the transport's own hard deadline.
STORE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Workshop:
    """What every audit of a worker process shares."""

    name: str
    leases: LeaseKeeper
    watchdog: Watchdog
    script: str
    deadlines: Deadlines = field(default_factory=Deadlines)


def audit_next(hint: UUID, workshop: Workshop) -> Claim | None:
    """Audit the host that `hint` belongs to, if it is its turn. Returns the claim that was worked on, now ended.

    Raises only what is no host's fault: a database that stays away. The lease then expires and the audit is repeated.
    """
    claim = take(hint, workshop.name)
    if claim is None:
        return None
    try:
        _audit(claim, workshop)
    except ClaimLost as error:
        logger.warning("%s", error)
    finish_run(claim.run_id)
    return claim


def _audit(claim: Claim, workshop: Workshop) -> None:
    host = _host_of(claim)
    try:
        _conclude(claim, host, _read(claim, host, workshop))
    except (ClaimLost, OperationalError, InterfaceError):
        raise
    except Exception as error:
        # The task's boundary: whatever one host brings about becomes its outcome and stops no other host.
        logger.exception("audit %s of host %s failed", claim.id, host.id)
        detail = plain(f"an error in the audit server: {type(error).__name__}; its log has the trace")
        _store(claim, host, Reading(Ending(Outcome.FAILED, "unintelligible_answer", detail)), None)


def _host_of(claim: Claim) -> Host:
    return Host.objects.select_related("customer__schedule", "credential").get(pk=claim.host_id)


def _conclude(claim: Claim, host: Host, reading: Reading) -> None:
    """Judge and store; again where the backup path was set in between, so that an audit under way undoes no setting."""
    while True:
        judgement = judge_reading(host, reading) if reading.is_usable else None
        try:
            return _store(claim, host, reading, judgement)
        except BackupPathChanged as change:
            logger.info("%s; judged again", change)
            host = _host_of(claim)


def _read(claim: Claim, host: Host, workshop: Workshop) -> Reading:
    skipped = why_not_tried(claim, host)
    if skipped is not None:
        return Reading(skipped)
    try:
        username, secret = open_secret(host)
    except NotTried as error:
        return Reading(error.ending)
    target = target_of(host, username, workshop.deadlines)
    progress = Progress(claim)
    guests = planner_of(host)
    arrivals: list[Arrival] = []

    def arrived(section: DecodedSection) -> None:
        arrivals.append(Arrival(section, timezone.now()))
        progress.add(section)

    with workshop.leases.holding(claim, seconds=workshop.deadlines.hard_seconds + STORE_SECONDS):
        collected = collect_host(
            target,
            secret,
            request_of(host, workshop.script),
            guard=guard_of(host).check,
            watchdog=workshop.watchdog,
            expected=EXPECTED_SECTIONS[host.rights_level],
            on_section=arrived,
            should_stop=progress.should_stop,
            plan_guests=guests.plan if guests is not None else None,
        )
    if guests is not None:
        guests.remember(collected.evidence)
    # A section that is known by name only is in `sections` and was announced like every other.
    return Reading(collected.ending, collected.evidence, tuple(arrivals))


def judge_reading(host: Host, reading: Reading) -> Judgement:
    """The judgement of usable evidence; a rule that crashed is logged with its trace."""
    assert reading.evidence is not None
    path = BackupPath(host.effective_backup_path)
    windows = backup_windows_of(host, timezone.now())
    judgement = judge(reading.evidence, path, host_id=str(host.id), host_name=host.name, backup_windows=windows)
    for crash in judgement.crashes:
        logger.error("rule %s crashed on host %s", crash.rule, host.id, exc_info=crash.error)
    return judgement


def _store(claim: Claim, host: Host, reading: Reading, judgement: Judgement | None) -> None:
    for pause in (*STORE_AGAIN_AFTER_SECONDS, None):
        try:
            return finish(claim, host, reading, judgement)
        except (OperationalError, InterfaceError) as error:
            if pause is None:
                raise
            logger.warning("audit %s not stored, again in %.1f s: %s", claim.id, pause, error)
            connection.close()
            time.sleep(pause)
