"""What a person can do about a customer's schedule: enter its backup window and the audits around it."""

import re
from collections.abc import Sequence
from datetime import time
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audits.models import Schedule
from audits.timetable import EVERY_DAY, WEEKDAYS
from fleet import access, trail
from fleet.access import Viewer
from fleet.models import Customer
from fleet.services import InvalidInput

# A prediction older than half a day is not that night's; a log that is read a day later may have lost the night.
MOST_MINUTES_BEFORE = 12 * 60
MOST_MINUTES_AFTER = 24 * 60

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def clock_from(text: str) -> time:
    """A local time as `22:00`. Raises InvalidInput."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise InvalidInput(f"{text[:40]!r} is no time of day: write it as 22:00")
    return time(int(match[1]), int(match[2]))


def window_from(text: str) -> tuple[time, time]:
    """Begin and end of `22:00-04:00`. Raises InvalidInput."""
    begins, separator, ends = text.partition("-")
    if not separator:
        raise InvalidInput(f"{text[:40]!r} is no backup window: write it as 22:00-04:00")
    return clock_from(begins), clock_from(ends)


def weekdays_from(text: str) -> list[int]:
    """ISO numbers of `mon,tue`; empty or `all` is every day. Raises InvalidInput."""
    names = [name.strip().lower()[:3] for name in text.split(",") if name.strip()]
    if not names or names == ["all"]:
        return list(EVERY_DAY)
    if wrong := [name for name in names if name not in WEEKDAYS]:
        raise InvalidInput(f"{wrong[0]!r} is no day of the week: choose from {', '.join(WEEKDAYS)}")
    return sorted({WEEKDAYS.index(name) + 1 for name in names})


def time_zone_from(text: str) -> str:
    """The IANA name as it is spelled, case ignored. Raises InvalidInput with names that are close."""
    wanted = text.strip()
    known = available_timezones()
    if wanted in known:
        return wanted
    same = [name for name in known if name.casefold() == wanted.casefold()]
    if same:
        return min(same)
    near = sorted(name for name in known if wanted and wanted.casefold() in name.casefold())[:5]
    hint = f"did you mean {', '.join(near)}?" if near else "write an IANA name such as Europe/Berlin"
    raise InvalidInput(f"{wanted[:64]!r} is no time zone: {hint}")


def save_schedule(
    actor: Viewer | None,
    customer: Customer,
    *,
    window: tuple[time, time] | None = None,
    time_zone: str | None = None,
    weekdays: Sequence[int] | None = None,
    audit_before_minutes: int | None = None,
    harvest_after_minutes: int | None = None,
    is_enabled: bool | None = None,
) -> tuple[Schedule, bool]:
    """The customer's schedule, and whether it is new. Only what is given (not None) changes.

    `actor` None is the server's own command line. The next moment counts from now, so a change never starts an audit
    of the past. Raises InvalidInput, and PermissionDenied unless the person may audit the customer.
    """
    if actor is not None and not access.may_audit(actor, customer):
        raise PermissionDenied("You may not change this customer's schedule.")
    with transaction.atomic():
        # The customer's row is the lock: of two people who enter the first schedule, the second changes it. Not for
        # its key, which a run that is being queued refers to, as that would wait for each other.
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        schedule = Schedule.objects.select_for_update().filter(customer=customer).first()
        created = schedule is None
        if schedule is None:
            if window is None or time_zone is None:
                raise InvalidInput(f"{customer.name} has no schedule yet: a window and a time zone are needed")
            schedule = Schedule(customer=customer)
        if window is not None:
            schedule.window_begins, schedule.window_ends = window
        for field, value in (
            ("time_zone", time_zone),
            ("weekdays", None if weekdays is None else sorted(set(weekdays))),
            ("audit_before_minutes", audit_before_minutes),
            ("harvest_after_minutes", harvest_after_minutes),
            ("is_enabled", is_enabled),
        ):
            if value is not None:
                setattr(schedule, field, value)
        _check(schedule)
        set_next_moment(schedule)
        schedule.note = ""
        schedule.save()
        trail.record(actor, "schedule created" if created else "schedule changed", customer.name, **_in_words(schedule))
    return schedule, created


def set_next_moment(schedule: Schedule) -> None:
    """The next moment from now; none while the schedule is off."""
    schedule.next_at = next((moment.at for moment in schedule.next_moments(1)), None)


def _check(schedule: Schedule) -> None:
    if schedule.window_begins == schedule.window_ends:
        raise InvalidInput("the backup window begins and ends at the same time: it must be shorter than a day")
    try:
        ZoneInfo(schedule.time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidInput(f"{schedule.time_zone[:64]!r} is no time zone: write one such as Europe/Berlin") from error
    if not schedule.weekdays or not set(schedule.weekdays) <= set(EVERY_DAY):
        raise InvalidInput("choose at least one day of the week")
    for minutes, most, name in (
        (schedule.audit_before_minutes, MOST_MINUTES_BEFORE, "before"),
        (schedule.harvest_after_minutes, MOST_MINUTES_AFTER, "after"),
    ):
        if not 0 <= minutes <= most:
            raise InvalidInput(f"minutes {name} the window: from 1 to {most}, or 0 for no audit {name} it")


def _in_words(schedule: Schedule) -> dict[str, object]:
    return {
        "window": f"{schedule.window_begins:%H:%M}-{schedule.window_ends:%H:%M}",
        "time_zone": schedule.time_zone,
        "weekdays": ",".join(WEEKDAYS[day - 1] for day in schedule.weekdays),
        "audit_before_minutes": schedule.audit_before_minutes,
        "harvest_after_minutes": schedule.harvest_after_minutes,
        "enabled": schedule.is_enabled,
    }
