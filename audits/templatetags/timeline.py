"""A host's nights as a drawing: pauses against backup windows, told in a sentence as well."""

from datetime import date, datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from audits.queries.log_nights import LogNight, LogNights
from audits.queries.words import EXCLUSIONS, VERDICTS
from audits.timetable import Timetable

register = template.Library()

LANE_PIXELS = 42
TOP_PIXELS = 20
LANES = ("Paused VMs", "Other saves")


@register.simple_tag
def timeline(nights: LogNights) -> SafeString:
    """Nights side by side, each from noon to noon: windows as bands, pauses as marks where they began."""
    width = 100 / len(nights.nights)
    bottom = TOP_PIXELS + LANE_PIXELS * len(LANES)
    pieces = [_column(night, n, width, bottom) for n, night in enumerate(nights.nights)]
    lines = format_html_join(
        "",
        '<line class="grid" x1="0%" x2="100%" y1="{}" y2="{}"/>',
        ((y, y) for y in range(TOP_PIXELS + LANE_PIXELS, bottom + 1, LANE_PIXELS)),
    )
    told = in_a_sentence(nights)
    return format_html(
        '<svg class="tl" role="img" aria-label="{}"><title>{}</title>{}{}</svg>', told, told, lines, _joined(pieces)
    )


@register.simple_tag
def in_a_sentence(nights: LogNights) -> str:
    """What the drawing shows, for those who do not see it."""
    days = nights.nights
    told = [f"{len(days)} nights, {_short(days[0].day)} to {_short(days[-1].day)}."]
    if nights.paused_nights:
        counts = ", ".join(f"{night.label}: {night.paused_vms}" for night in nights.paused_nights)
        told.append(f"VMs paused by a backup: {counts}.")
    else:
        told.append("No pause by a backup was seen.")
    unread = len(days) - nights.read_nights
    if unread:
        told.append(f"On {unread} of them the event log does not tell.")
    if not nights.has_window:
        told.append("No backup window is entered.")
    return " ".join(told)


@register.simple_tag
def clock_of(nights: LogNights, moment: datetime | None) -> str:
    return "–" if moment is None else nights.clock(moment)


@register.filter
def night_name(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


@register.filter
def local_time(timetable: Timetable, moment: datetime) -> str:
    return timetable.in_words(moment)


@register.filter
def verdict_label(word: str) -> str:
    return VERDICTS[word].label if word in VERDICTS else word


@register.filter
def exclusion(reason: str) -> str:
    return EXCLUSIONS.get(reason, reason)


def _column(night: LogNight, place: int, width: float, bottom: int) -> SafeString:
    left = place * width

    def x(moment: datetime) -> float:
        return left + night.place_of(moment) * width

    bands = format_html_join(
        "",
        '<rect class="band" x="{}%" width="{}%" y="{}" height="{}"/>',
        (
            (_percent(x(window.starts_at)), _percent(x(window.ends_at) - x(window.starts_at)), TOP_PIXELS, bottom - 20)
            for window in night.windows
        ),
    )
    hatch = SafeString("")
    if not night.is_read:
        hatch = format_html(
            '<rect class="hatched" fill="{}" x="{}%" width="{}%" y="{}" height="6"/>',
            "url(#hatch)",
            _percent(left + 0.2),
            _percent(width - 0.4),
            bottom - 6,
        )
    marks = []
    for lane, (episodes, count, css, icon) in enumerate(
        ((night.paused, night.paused_vms, "v-saved", "saved"), (night.other, night.other_vms, "r-info", "ring"))
    ):
        if episodes:
            y = TOP_PIXELS + lane * LANE_PIXELS + 11
            at = min(x(min(episode.saved_at for episode in episodes)), left + width * 0.6)
            marks.append(
                format_html(
                    '<use href="#i-{}" class="use {}" x="{}%" y="{}" width="20" height="20"/>'
                    '<text class="tnum" x="{}%" dx="25" y="{}">{}</text>',
                    icon,
                    css,
                    _percent(at),
                    y,
                    _percent(at),
                    y + 15,
                    count,
                )
            )
    label = format_html(
        '<text class="{}" x="{}%" y="{}" text-anchor="middle">{}</text>',
        "odd" if place % 2 else "",
        _percent(left + width / 2),
        bottom + 19,
        night.label,
    )
    return format_html("{}{}{}{}", bands, hatch, _joined(marks), label)


def _percent(number: float) -> str:
    return f"{number:.2f}"


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def _joined(pieces: list[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))
