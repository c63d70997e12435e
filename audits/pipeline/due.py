"""Schedules whose moment has come: each row is taken once, queues its customer's hosts, and learns its next moment.

A moment that passed while the server was off: the audit after a window runs once, however late, because event logs
keep the night for days. The audit before a window is made up for only while the window has not begun: a prediction
read during the backup would see VMs that are busy with it, and one read after it predicts nothing. What was left out
stands in the schedule's note.
"""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

from django.db import transaction
from django.utils import timezone

from audits.models import AuditRun, Schedule, Trigger
from audits.pipeline.queue_run import queue_run
from audits.timetable import Moment, Occasion

logger = logging.getLogger(__name__)

# Rows of one transaction: a thousand customers whose windows begin at 22:00 do not hold one long lock.
SCHEDULES_AT_ONCE = 50
REQUESTED_BY = "schedule"
# Ticks come every five seconds; a worker that restarts takes a minute or two.
LATE_AFTER = timedelta(minutes=5)
_INSTANT = timedelta(microseconds=1)


def start_due_schedules(now: datetime | None = None) -> int:
    """Queue the runs that are due; how many schedules were taken. Safe to run twice, also at the same time.

    A row that another process holds is skipped: it is being taken. Run and next moment are one transaction, so a
    moment starts one run or, if this process dies, is found due again.
    """
    now = now or timezone.now()
    taken = 0
    while True:
        with transaction.atomic():
            due = list(
                Schedule.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(is_enabled=True, next_at__lte=now)
                .select_related("customer")
                .order_by("next_at")[:SCHEDULES_AT_ONCE]
            )
            for schedule in due:
                _take(schedule, now)
        taken += len(due)
        if len(due) < SCHEDULES_AT_ONCE:
            return taken


def _take(schedule: Schedule, now: datetime) -> None:
    assert schedule.next_at is not None
    due_at = schedule.next_at
    try:
        due = schedule.timetable.moments(due_at - _INSTANT, now)
        schedule.next_at = next((moment.at for moment in schedule.timetable.next_moments(now, 1)), None)
    except ZoneInfoNotFoundError:
        due, schedule.next_at = [], None
        schedule.note = f"This server does not know the time zone {schedule.time_zone} any more: choose another one."
    else:
        schedule.note = _run(schedule, worth_running(due, now), due_at, now)
    if schedule.note:
        logger.warning("schedule of customer %s: %s", schedule.customer_id, schedule.note)
    schedule.save(update_fields=["next_at", "last_at", "last_run", "note"])


def _run(schedule: Schedule, moment: Moment | None, due_at: datetime, now: datetime) -> str:
    """Queue the run of this moment; what there is to note about it."""
    if moment is None:
        return (
            f"The audit due at {due_at:%Y-%m-%d %H:%M} UTC was left out: the server was not running, and at "
            f"{now:%Y-%m-%d %H:%M} UTC the backup window had begun. The audit after the window is not affected."
        )
    run = _queue(schedule)
    if run is None:
        return "Nothing was audited: the customer has no host."
    schedule.last_at, schedule.last_run = now, run
    if now - moment.at < LATE_AFTER:
        return ""
    return f"The audit due at {moment.at:%Y-%m-%d %H:%M} UTC ran late: the server was not running then."


def worth_running(due: list[Moment], now: datetime) -> Moment | None:
    """The youngest of the moments that have come for which an audit now still tells something."""
    useful = [moment for moment in due if moment.occasion is Occasion.AFTER or now < moment.window.starts_at]
    return max(useful, default=None)


def _queue(schedule: Schedule) -> AuditRun | None:
    customer = schedule.customer
    host_ids = sorted(customer.hosts.values_list("pk", flat=True))
    if not host_ids:
        return None
    run, _ = queue_run(
        host_ids,
        target=customer.name,
        trigger=Trigger.SCHEDULED,
        customer=customer,
        requested_by_name=REQUESTED_BY,
    )
    return run
