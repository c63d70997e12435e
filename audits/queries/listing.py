"""One list as its page shows it: sorted, and cut into pages, by what stands in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict

# Fits a screen and a half; more is slower to read than to filter.
ROWS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """`parameters` are the address's, so that a link changes one and keeps the rest."""

    page: Page[Any]
    sort: str
    parameters: QueryDict

    @property
    def total(self) -> int:
        return self.page.paginator.count

    @property
    def is_filtered(self) -> bool:
        return any(value for key, value in self.parameters.items() if key not in ("sort", "page"))

    def address_with(self, **changes: str | int | None) -> str:
        """The query string with some parameters changed; None takes one out. Empty ones are left out."""
        parameters = self.parameters.copy()
        for key, value in changes.items():
            parameters.pop(key, None)
            if value is not None:
                parameters[key] = str(value)
        for key in [key for key, value in parameters.items() if not value]:
            parameters.pop(key)
        return "?" + parameters.urlencode()


def listing(
    rows: Any,
    parameters: QueryDict,
    sorts: Mapping[str, Sequence[Any]],
    *,
    default: str,
    per_page: int = ROWS_PER_PAGE,
) -> Listing:
    """`rows`: a queryset. `sorts` maps a column's key to the fields it orders by; `-key` turns the first one round.

    An unknown sort or page is the default one: an old bookmark shows the list, not an error.
    """
    wanted = parameters.get("sort", default)
    key = wanted.removeprefix("-")
    if key not in sorts:
        wanted, key = default, default.removeprefix("-")
    first, *rest = sorts[key]
    ordered = rows.order_by(f"-{first}" if wanted.startswith("-") else first, *rest)
    return Listing(Paginator(ordered, per_page).get_page(parameters.get("page")), wanted, parameters)
