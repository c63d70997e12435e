"""One witness's row of nights: a cell per night, shape in attributes, so that no inline style is needed."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from audits.queries.nights import Night, Nights
from audits.queries.words import Look

register = template.Library()

_NOT_KNOWN = "nothing known"


@register.simple_tag
def night_row(nights: Nights, witness: str, label: str) -> SafeString:
    """`witness`: predicted, writer or log. The sentence names how many nights each word stood."""
    count = len(nights.nights)
    step = 100 / count
    cells, words = [], []
    for place, night in enumerate(nights.nights):
        look, word = _told(night, witness)
        words.append(word)
        cells.append(
            format_html(
                '<rect x="{}%" y="1" width="{}%" height="18" rx="3" {}><title>{}: {}</title></rect>',
                f"{place * step + step * 0.08:.2f}",
                f"{step * 0.84:.2f}",
                _paint(look),
                f"{night.day:%-d %b}",
                word,
            )
        )
    told = ", ".join(f"{word} {words.count(word)}" for word in dict.fromkeys(words))
    sentence = f"{label}, last {count} nights: {told}."
    return format_html(
        '<svg class="nights" role="img" aria-label="{}">{}</svg>',
        sentence,
        mark_safe("".join(cells)),  # noqa: S308
    )


def _told(night: Night, witness: str) -> tuple[Look | str | None, str]:
    if witness == "log":
        if night.pauses:
            return "v-saved", "paused"
        return ("none", "no pause seen") if night.is_log_read else (None, "log not readable")
    look = night.predicted if witness == "predicted" else night.writer
    return look, look.label.lower() if look else _NOT_KNOWN


def _paint(look: Look | str | None) -> SafeString:
    """Hatched for what is not known; an empty frame for nights without anything to tell."""
    if look is None:
        return format_html('class="{}"', "blank")
    if isinstance(look, str):
        return format_html('class="{}"', look)
    if look.css == "v-unknown":
        return format_html('class="{}" fill="{}"', "hatched", "url(#hatch)")
    return format_html('class="{}"', look.css)
