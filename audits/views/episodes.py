"""Times in the saved state that were seen: the filtered list, and how often they had been predicted."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from audits import access
from audits.queries import episodes
from audits.queries.customers import customer_choices


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "audits/episodes.html",
        {
            "room": "fleet",
            "episodes": episodes.episode_list(request.user, request.GET),
            "accuracy": episodes.accuracy(access.episodes(request.user)),
            "kinds": episodes.KINDS,
            "predictions": episodes.PREDICTIONS,
            "customers": customer_choices(request.user),
            "chosen": request.GET,
        },
    )
