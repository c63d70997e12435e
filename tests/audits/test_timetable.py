"""Backup windows on local clocks: across midnight, across clock changes, in every time zone."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.timetable import EVERY_DAY, Occasion, Timetable

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
# Clocks have moved by up to two hours within these years (Troll, Antarctica), and nowhere by more.
FIRST_DAY, LAST_DAY = date(2015, 1, 1), date(2035, 12, 31)
GREATEST_SHIFT = 3 * HOUR


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def berlin(begins: str = "22:00", ends: str = "04:00", days: tuple[int, ...] = EVERY_DAY, **minutes: int) -> Timetable:
    return Timetable(time.fromisoformat(begins), time.fromisoformat(ends), "Europe/Berlin", days, **minutes)


clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
moments = st.datetimes(datetime.combine(FIRST_DAY, time()), datetime.combine(LAST_DAY, time()), timezones=st.just(UTC))
timetables = (
    st.builds(
        Timetable,
        begins=clocks,
        ends=clocks,
        time_zone=st.sampled_from(sorted(available_timezones())),
        weekdays=st.sets(st.sampled_from(EVERY_DAY), min_size=1).map(lambda days: tuple(sorted(days))),
        audit_before_minutes=st.integers(0, 720),
        harvest_after_minutes=st.integers(0, 1440),
    )
).filter(lambda timetable: timetable.begins != timetable.ends)


def clock_is_inside(timetable: Timetable, moment: datetime) -> bool:
    """What a person reads off the clock on the wall, day of the week included."""
    local = moment.astimezone(ZoneInfo(timetable.time_zone))
    clock, today = local.time(), local.isoweekday()
    yesterday = (local.date() - timedelta(days=1)).isoweekday()
    if timetable.begins < timetable.ends:
        return today in timetable.weekdays and timetable.begins <= clock < timetable.ends
    return (today in timetable.weekdays and clock >= timetable.begins) or (
        yesterday in timetable.weekdays and clock < timetable.ends
    )


@given(timetables, moments)
def test_whenever_the_local_clock_is_inside_the_window_so_is_the_moment(timetable: Timetable, moment: datetime) -> None:
    if clock_is_inside(timetable, moment):
        assert timetable.window_holding(moment) is not None


@given(timetables, moments)
def test_a_moment_far_from_the_window_by_the_local_clock_is_outside(timetable: Timetable, moment: datetime) -> None:
    around = (moment + n * 10 * MINUTE for n in range(-18, 19))
    if not any(clock_is_inside(timetable, near) for near in around):
        assert timetable.window_holding(moment) is None


@given(timetables, moments)
def test_a_window_lasts_as_long_as_the_clock_says_give_or_take_a_change(timetable: Timetable, moment: datetime) -> None:
    said = datetime.combine(date.min, timetable.ends) - datetime.combine(date.min, timetable.begins)
    said += timedelta(days=1) if said < timedelta() else timedelta()
    for window in timetable.windows(moment, moment + timedelta(days=8)):
        assert window.starts_at < window.ends_at
        assert abs(window.ends_at - window.starts_at - said) <= GREATEST_SHIFT


@given(timetables, moments)
def test_the_next_moments_are_later_in_order_and_the_same_however_they_are_asked_for(
    timetable: Timetable, moment: datetime
) -> None:
    following = timetable.next_moments(moment, 6)
    assert all(one.at <= other.at for one, other in pairwise(following))
    assert all(found.at > moment for found in following)
    assert bool(following) == bool(timetable.audit_before_minutes or timetable.harvest_after_minutes)
    if following:
        assert timetable.next_moments(following[0].at - MINUTE)[0] == following[0]
        assert timetable.moments(moment, following[-1].at)[: len(following)] == following


@given(timetables, moments)
def test_moments_stand_before_the_begin_and_after_the_end_by_the_minutes_asked_for(
    timetable: Timetable, moment: datetime
) -> None:
    for found in timetable.next_moments(moment, 4):
        if found.occasion is Occasion.BEFORE:
            assert found.window.starts_at - found.at == timetable.audit_before_minutes * MINUTE
        else:
            assert found.at - found.window.ends_at == timetable.harvest_after_minutes * MINUTE


def test_a_window_across_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    fridays = berlin(days=(5,))
    (window,) = fridays.windows(at("2026-11-23T00:00"), at("2026-11-30T00:00"))
    assert (window.starts_at, window.ends_at) == (at("2026-11-27T21:00"), at("2026-11-28T03:00"))


@pytest.mark.parametrize(
    ("night", "begins", "ends", "hours"),
    [
        ("2026-03-28", "22:00", "04:00", 5),  # the clock skips 02:00 to 03:00
        ("2026-10-24", "22:00", "04:00", 7),  # the clock shows 02:00 to 03:00 twice
        ("2026-03-29", "02:30", "05:00", 2.5),  # begins at a time that the clock skips: from 01:30, the earlier reading
        ("2026-10-25", "02:30", "05:00", 3.5),  # begins at a time that is shown twice: from the first one
        ("2026-10-24", "22:00", "02:30", 5.5),  # ends at a time that is shown twice: at the second one
        ("2026-03-28", "22:00", "02:30", 4.5),  # ends at a time that the clock skips: at 03:30, the later reading
    ],
)
def test_a_night_in_which_the_clock_changes(night: str, begins: str, ends: str, hours: float) -> None:
    noon = at(f"{night}T{'00' if begins < '12:00' else '12'}:00")
    window = berlin(begins, ends).windows(noon, noon + 12 * HOUR)[0]
    assert (window.ends_at - window.starts_at) / HOUR == hours


def test_audits_keep_their_distance_by_the_clock_that_does_not_change() -> None:
    timetable = berlin(audit_before_minutes=60, harvest_after_minutes=15)
    before, after = timetable.next_moments(at("2026-10-24T12:00"), 2)
    assert (before.at, after.at) == (at("2026-10-24T19:00"), at("2026-10-25T03:15"))


def test_nothing_to_audit_has_no_next_moment() -> None:
    assert berlin().next_moments(at("2026-11-25T12:00"), 2) == []
