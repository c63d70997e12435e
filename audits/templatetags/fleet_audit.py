"""The small pieces every page is made of: icon, status, bar, meter, age, and text that a host supplied."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from audits.judgement.powershell import TOKENS
from audits.judgement.rule import Rule
from audits.judgement.rule_facts import WINDOWS_IN_WORDS
from audits.judgement.rules import RULES
from audits.judgement.words import Confidence
from audits.models import HostState
from audits.queries.age import is_stale
from audits.queries.listing import Listing
from audits.queries.words import (
    BACKUP_PATHS,
    LOOKS,
    OUTCOMES,
    RESULTS,
    SECTION_NAMES,
    VERDICTS,
    WORST_FIRST,
    Look,
    windows_name,
)

register = template.Library()

# Of a name this much stands in a list; the whole of it on the object's own page.
LONGEST_NAME_IN_A_LIST = 120
GAP_PERCENT = 0.35
_HATCH = format_html('fill="{}"', "url(#hatch)")
_HATCHED = format_html('{} class="hatched"', _HATCH)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    return format_html('<svg class="ic {}" aria-hidden="true"><use href="#i-{}"/></svg>', extra, name)


@register.simple_tag
def status(kind: str, word: str, *, plain: bool = False, label: str = "") -> SafeString:
    """A badge: shape, word and colour. `kind` names the vocabulary the word belongs to."""
    look = LOOKS[kind].get(word) or Look(word, word or "Not known", "v-unknown", "unknown")
    return format_html(
        '<span class="st {} {}">{}{}</span>',
        look.css,
        "st-plain" if plain else "",
        icon(look.icon, "pulse" if look.pulse else ""),
        label or look.label,
    )


@register.simple_tag
def confidence(word: str) -> SafeString:
    """Three rising bars and the word: high fills all of them, none fills none."""
    filled = [Confidence.NONE, Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH].index(Confidence(word))
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="5" height="{}" rx="1" class="{}"/>',
        ((n * 7, 6 - n * 3, 4 + n * 3, "conf-on" if n < filled else "conf-off") for n in range(3)),
    )
    return format_html(
        '<span class="conf"><svg viewBox="0 0 20 10" aria-hidden="true">{}</svg>{} confidence</span>',
        bars,
        "no" if word == Confidence.NONE else word,
    )


@register.simple_tag
def verdict_bar(counts: Mapping[str, int], *, large: bool = False) -> SafeString:
    """How VMs share out over the verdicts. Segments keep one order everywhere; geometry is in attributes."""
    present = [(look, counts.get(look.word, 0)) for look in VERDICTS.values() if counts.get(look.word, 0)]
    total = sum(count for _, count in present)
    if not total:
        return format_html('<span class="faint">{}</span>', "no VM read")
    words = ", ".join(f"{look.label} {count}" for look, count in present)
    height = 26 if large else 10
    room = 100 - GAP_PERCENT * (len(present) - 1)
    # A single VM of thousands still gets a sliver that can be seen and pointed at.
    widths = [max(count / total * room, 0.6) for _, count in present]
    scale = room / sum(widths)
    pieces: list[SafeString] = []
    left = 0.0
    for (look, count), width in zip(present, (width * scale for width in widths), strict=True):
        paint = _HATCHED if look.word == "unknown" else format_html('class="{}"', look.css)
        pieces.append(
            format_html(
                '<rect x="{}%" y="0" width="{}%" height="{}" rx="2" {}/>', f"{left:.2f}", f"{width:.2f}", height, paint
            )
        )
        if large and width > 3 and look.word != "unknown":  # a number on hatching cannot be read; the tile below has it
            text_class = look.css.replace("v-", "t-") + (" thin" if width < 9 else "")
            pieces.append(
                format_html(
                    '<text x="{}%" dx="8" y="17.5" class="{}">{}</text>', f"{left:.2f}", text_class, f"{count:,}"
                )
            )
        left += width + GAP_PERCENT
    return format_html(
        '<svg class="vbar{}" role="img" aria-label="{}, of {} VMs"><title>{}</title>{}</svg>',
        " vbar-lg" if large else "",
        words,
        total,
        words,
        _joined(pieces),
    )


@register.simple_tag
def meter(value: float, total: float, label: str, *, kind: str = "", large: bool = False) -> SafeString:
    """A share of a capacity or of work, with its sentence. `kind`: run, warn, bad."""
    percent = min(100.0, max(0.0, value / total * 100)) if total else 0.0
    height, radius = (14, 7) if large else (8, 4)
    return format_html(
        '<svg class="meter{}" role="img" aria-label="{}"><title>{}</title>'
        '<rect class="track" width="100%" height="{}" rx="{}"/>'
        '<rect class="val {}" width="{}%" height="{}" rx="{}"/></svg>',
        " meter-lg" if large else "",
        label,
        label,
        height,
        radius,
        kind,
        f"{percent:.1f}",
        height,
        radius,
    )


@register.simple_tag
def spark(values: list[int | None], label: str) -> SafeString:
    """Daily shares in percent as a line; a day without data leaves a gap, never a zero."""
    width, height = 92.0, 22.0
    step = width / max(len(values) - 1, 1)
    path, pen_down, last = [], False, None
    for day, value in enumerate(values):
        if value is None:
            pen_down = False
            continue
        x, y = day * step, 1 + (100 - value) / 100 * height
        path.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
        pen_down, last = True, (x, y)
    if last is None:
        return format_html('<span class="faint">{}</span>', "no history yet")
    return format_html(
        '<svg class="spark" viewBox="0 0 92 24" role="img" aria-label="{}"><title>{}</title>'
        '<path d="{}"/><circle cx="{}" cy="{}" r="2.6"/></svg>',
        label,
        label,
        " ".join(path),
        f"{last[0]:.1f}",
        f"{last[1]:.1f}",
    )


def _is_control(character: str) -> bool:
    """Control, direction and invisible format characters, and line breaks of any kind."""
    return unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co")


def _made_visible(text: str) -> SafeString:
    if not any(map(_is_control, text)):
        return escape(text)
    return _joined([_mark(character) if _is_control(character) else escape(character) for character in text])


def _mark(character: str) -> SafeString:
    return format_html('<span class="ctl">U+{}</span>', f"{ord(character):04X}")


def _joined(pieces: list[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))


@register.filter
def host_text(value: object, longest: int = 0) -> SafeString:
    """Text that a host supplied: escaped, isolated in direction, control characters shown as U+202E.

    With `longest`, the rest of a longer text is left out and its length said.
    """
    text = "" if value is None else str(value)
    if longest and len(text) > longest:
        return format_html(
            '<bdi class="host">{}…</bdi> <span class="faint nowrap">({} characters)</span>',
            _made_visible(text[:longest]),
            f"{len(text):,}",
        )
    return format_html('<bdi class="host">{}</bdi>', _made_visible(text))


@register.filter
def host_lines(value: str) -> SafeString:
    """Evidence of several lines: as host_text, and its line breaks stay what they are."""
    lines = format_html_join("\n", "{}", ((_made_visible(line),) for line in value.split("\n")))
    return format_html('<bdi class="host">{}</bdi>', lines)


@register.filter
def powershell(commands: str) -> SafeString:
    """Commands as they are, with strings and comments in their own colour. Not a character is added or changed."""
    pieces: list[SafeString] = []
    end = 0
    for token in TOKENS.finditer(commands):
        css = {"comment": "c", "string": "s", "expandable": "s"}[token.lastgroup or "string"]
        pieces.append(escape(commands[end : token.start()]))
        pieces.append(format_html('<span class="{}">{}</span>', css, token[0]))
        end = token.end()
    return _joined([*pieces, escape(commands[end:])])


@register.filter
def host_name(value: object) -> SafeString:
    """Host-supplied text as it stands in a list."""
    return host_text(value, LONGEST_NAME_IN_A_LIST)


@register.filter
def plain_name(value: object) -> str:
    """Host-supplied text for titles and labels, where no markup can be: short, control characters as U+202E."""
    text = "".join(f"[U+{ord(c):04X}]" if _is_control(c) else c for c in str(value or ""))
    return text if len(text) <= 80 else f"{text[:80]}…"


@register.filter
def ago(at: datetime | None) -> SafeString:
    """How long ago, with the exact time in UTC for those who point at it."""
    if at is None:
        return format_html('<span class="faint">{}</span>', "never")
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>', at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S}", _distance(at)
    )


def _distance(at: datetime) -> str:
    seconds = int((timezone.now() - at).total_seconds())
    if seconds < 0:
        return f"{at:%d %b %Y, %H:%M}"
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if seconds < 86_400:
        return f"{seconds // 3600} h ago"
    days = seconds // 86_400
    return f"{days} day{'s' if days > 1 else ''} ago"


@register.filter
def until(at: datetime) -> SafeString:
    """In how long, with the exact time in UTC for those who point at it."""
    minutes = max(0, int((at - timezone.now()).total_seconds() // 60))
    told = f"in {minutes} min" if minutes < 60 else f"in {minutes // 60} h"
    return format_html('<time datetime="{}" title="{} UTC">{}</time>', at.isoformat(), f"{at:%Y-%m-%d %H:%M}", told)


@register.filter
def moment(at: datetime | None) -> SafeString:
    """The exact minute, UTC."""
    if at is None:
        return format_html('<span class="faint">{}</span>', "never")
    return format_html('<time datetime="{}">{} UTC</time>', at.isoformat(), f"{at:%d %b %Y, %H:%M}")


@register.filter
def since(at: datetime | None) -> str:
    """For how long something has been so."""
    if at is None:
        return "not known"
    days = (timezone.now() - at).days
    return "since today" if days < 1 else f"{days} day{'s' if days > 1 else ''}"


@register.filter
def duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


@register.filter
def minutes(number: int) -> str:
    """Minutes of work: `12 min`, `2 h`, `3 h 20 min`."""
    hours, rest = divmod(number, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"


@register.filter
def size(value: object) -> str:
    """Bytes in binary units, three digits. Whatever is no number was not read."""
    if not isinstance(value, int):
        return "not read"
    amount = float(value)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:.3g} {unit}"
        amount /= 1024
    return f"{amount:.3g} TiB"


@register.filter
def windows(build: int | None, host_class: str = "") -> str:
    return windows_name(build, host_class)


@register.filter
def section_name(word: str) -> str:
    return SECTION_NAMES.get(word, word)


@register.filter
def percent_of(part: int, whole: int) -> str:
    """A share in whole percent, rounded down so that nothing but everything reads 100 %."""
    return f"{part * 100 // whole} %" if whole else "–"


@register.filter
def item(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key)


@register.filter
def thousands(number: int) -> str:
    return f"{number:,}"


@register.filter
def counted(number: int, noun: str) -> str:
    """`1 host`, `3 hosts`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@register.filter
def look_of(word: str, kind: str) -> Look:
    return LOOKS[kind].get(word) or Look(word, word, "v-unknown", "unknown")


@register.simple_tag
def worst_first() -> list[Look]:
    return [VERDICTS[word] for word in WORST_FIRST]


@register.simple_tag
def sort_header(listing: Listing, key: str, label: str, css: str = "", first: str = "") -> SafeString:
    """A column's header that sorts. `first`: direction of the first click, "-" for the largest or newest first."""
    current = listing.sort.removeprefix("-") == key
    descending = listing.sort.startswith("-")
    following = (key if descending else f"-{key}") if current else f"{first}{key}"
    arrow = (" ↓" if descending else " ↑") if current else ""
    direction = format_html(' aria-sort="{}"', "descending" if descending else "ascending") if current else ""
    return format_html(
        '<th scope="col" class="{}"{}><a href="{}">{}<span aria-hidden="true">{}</span></a></th>',
        css,
        direction,
        listing.address_with(sort=following, page=None),
        label,
        arrow,
    )


@register.simple_tag
def address_with(listing: Listing, **changes: str | int | None) -> str:
    return listing.address_with(**changes)


@register.filter
def rule_title(rule_id: str) -> str:
    """The condition a rule states; its id where this version has no such rule."""
    rule = RULES.get(rule_id)
    return rule.title if rule else rule_id


@register.filter
def rule_titles(rule_ids: list[str]) -> str:
    """Causes as one line: which conditions do not hold."""
    return "Does not hold: " + "; ".join(rule_title(rule_id) for rule_id in rule_ids)


@register.simple_tag
def number_cell(number: int, label: str, css: str, extra: str = "") -> SafeString:
    """A number in a table: in its verdict's colour where there is something, pale where there is nothing."""
    return format_html(
        '<td class="num {}" data-l="{}"><span class="{}">{}</span></td>',
        extra,
        label,
        f"hot {css}" if number else "zero",
        f"{number:,}",
    )


@register.filter
def words(text: str) -> list[str]:
    return text.split()


@register.filter
def rough(seconds: float) -> str:
    """A guess should not look exact: tens of seconds below a minute, then minutes."""
    if seconds < 60:
        return f"{max(10, round(seconds / 10) * 10)} s"
    return f"{round(seconds / 60)} min"


@register.filter
def stale(state: HostState | None) -> bool:
    return is_stale(state)


@register.filter
def backup_path(word: str) -> str:
    return BACKUP_PATHS.get(word, word)


@register.filter
def outcome_label(word: str) -> str:
    return OUTCOMES[word].label


@register.filter
def result_label(word: str) -> str:
    return RESULTS[word].label if word in RESULTS else "Every result"


@register.filter
def labelled(counts: Mapping[str, int], word: str) -> str:
    """`16 fail`, for a chip."""
    return f"{counts.get(word, 0):,} {RESULTS[word].label.lower()}"


@register.filter
def applies_to(rule: Rule) -> str:
    return WINDOWS_IN_WORDS.get(rule.applies_to, ", ".join(sorted(rule.applies_to)))


@register.filter
def paths_of(rule: Rule) -> str:
    return ", ".join(BACKUP_PATHS[path] for path in sorted(rule.paths, reverse=True))


@register.simple_tag
def result_bar(counts: Mapping[str, int]) -> SafeString:
    """How results share out: passes left, failures right, as in a verdict bar."""
    order = (("pass", "v-live"), ("unknown", "hatched"), ("error", "v-saved"), ("fail", "v-fails"))
    total = sum(counts.get(word, 0) for word, _ in order)
    if not total:
        return format_html('<span class="faint">{}</span>', "not judged yet")
    label = ", ".join(f"{RESULTS[word].label} {counts[word]}" for word, _ in order if counts.get(word))
    pieces, left = [], 0.0
    for word, css in order:
        width = counts.get(word, 0) / total * 100
        if width:
            paint = _HATCH if css == "hatched" else ""
            pieces.append(
                format_html(
                    '<rect x="{}%" y="0" width="{}%" height="10" rx="2" class="{}" {}/>',
                    f"{left:.2f}",
                    f"{max(width - GAP_PERCENT, 0.4):.2f}",
                    css,
                    paint,
                )
            )
        left += width
    return format_html(
        '<svg class="vbar" role="img" aria-label="{}, of {}"><title>{}</title>{}</svg>',
        label,
        total,
        label,
        _joined(pieces),
    )
