"""Times in the saved state: the filtered list, last night's, and how often the prediction was right."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, Count, IntegerField, Max, Q, QuerySet, Sum, Value, When
from django.http import QueryDict
from django.utils.dateparse import parse_date

from audits import access
from audits.models import Episode
from audits.queries.identifiers import uuid_or_none
from audits.queries.listing import Listing, listing
from audits.queries.log_nights import last_night
from fleet.access import Viewer

SORTS = {
    "saved": ("saved_at", "vm", "pk"),
    "vm": ("vm", "-saved_at", "pk"),
    "host": ("host__name", "-saved_at", "pk"),
    "customer": ("customer__name", "-saved_at", "pk"),
    "night": ("night", "customer__name", "host__name", "vm", "pk"),
}
# Of each kind by what it proves; together they are all there is.
KINDS = {
    "proof": ("Paused by a backup", Q(is_proof=True)),
    "excluded": ("Other reason", Q(excluded_reason__isnull=False)),
    "open": ("Not settled", Q(is_proof=False, excluded_reason=None)),
}
# A prediction of "unknown" commits to nothing, so a pause is no surprise to it.
PREDICTIONS = {
    "matched": ("Predicted", Q(predicted="saved_state")),
    "surprised": ("A surprise", ~Q(predicted__in=("saved_state", "unknown", ""))),
    "none": ("No prediction", Q(predicted__in=("unknown", ""))),
}
ACCURACY_NIGHTS = 30
SHOWN_OF_LAST_NIGHT = 12


def filtered(viewer: Viewer, parameters: QueryDict) -> QuerySet[Episode]:
    """What the address asks for; a value that means nothing filters nothing away."""
    rows = access.episodes(viewer)
    if customer := parameters.get("customer"):
        rows = rows.filter(customer=uuid_or_none(customer))
    if host := parameters.get("host"):
        rows = rows.filter(host=uuid_or_none(host))
    if vm := parameters.get("vm"):
        rows = rows.filter(virtual_machine=uuid_or_none(vm))
    if night := _date(parameters.get("night", "")):
        rows = rows.filter(night=night)
    if kind := KINDS.get(parameters.get("kind", "")):
        rows = rows.filter(kind[1])
    if prediction := PREDICTIONS.get(parameters.get("prediction", "")):
        rows = rows.filter(prediction[1])
    if text := parameters.get("q", "").strip().replace("\x00", ""):
        rows = rows.filter(Q(vm__icontains=text) | Q(host__name__icontains=text))
    return rows


def episode_list(viewer: Viewer, parameters: QueryDict) -> Listing:
    rows = filtered(viewer, parameters).select_related("customer", "host", "virtual_machine__verdict")
    return listing(rows, parameters, SORTS, default="-saved")


def _date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of the last 30 nights, one per VM and night with a pause that a backup caused: how many had been predicted.

    `committed` leaves out nights for which nothing was predicted.
    """

    last_night: date
    nights: int = 0
    predicted: int = 0
    committed: int = 0

    @property
    def surprised(self) -> int:
        return self.committed - self.predicted

    @property
    def without_prediction(self) -> int:
        return self.nights - self.committed


def accuracy(episodes: QuerySet[Episode], night: date | None = None) -> Accuracy:
    """One query, 1 ms per thousand nights. `night`: which is last night; without it by the server's clock in UTC."""
    night = night or last_night()
    per_night = (
        episodes.filter(is_proof=True, night__gt=night - timedelta(days=ACCURACY_NIGHTS))
        .order_by()
        .values("virtual_machine", "night")
        .annotate(
            hit=Max(_one_if(PREDICTIONS["matched"][1])),
            said=Max(_one_if(~PREDICTIONS["none"][1])),
        )
    )
    found = per_night.aggregate(nights=Count("night"), predicted=Sum("hit"), committed=Sum("said"))
    return Accuracy(night, **{name: count or 0 for name, count in found.items()})


def _one_if(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def saved_vms(episodes: QuerySet[Episode], night: date) -> int:
    """How many VMs a backup paused in a night. One query of that night's rows."""
    return int(
        episodes.filter(is_proof=True, night=night).aggregate(vms=Count("virtual_machine", distinct=True))["vms"]
    )


def of_last_night(episodes: QuerySet[Episode], night: date) -> list[Episode]:
    """The longest pauses of a night, a screenful of them."""
    rows = episodes.filter(is_proof=True, night=night).select_related("host", "virtual_machine__verdict")
    return sorted(rows.order_by("-saved_at")[:200], key=lambda row: -(row.duration_seconds or 0))[:SHOWN_OF_LAST_NIGHT]
