"""Plans: what to do first on a host, at a customer, in the fleet; and what if only some of it is done."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from audits import access
from audits.planning import host_plan_page
from audits.queries.plan_page import plan_page
from fleet import access as fleet_access

# A long list is cut; the counts beside it say how much there is.
ROWS_SHOWN = 25


@never_cache
@require_GET
def of_fleet(request: HttpRequest) -> HttpResponse:
    page = plan_page(request.user, access.host_states(request.user), _ticked(request))
    return render(request, "audits/plan.html", {"room": "fleet", "page": page, "most": f":{ROWS_SHOWN}"})


@never_cache
@require_GET
def of_customer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    customer = get_object_or_404(fleet_access.customers(request.user), pk=pk)
    states = access.host_states(request.user).filter(host__customer=customer)
    page = plan_page(request.user, states, _ticked(request), customer=customer)
    context = {
        "room": "customers",
        "customer": customer,
        "page": page,
        "path_at": reverse("customer_settings", args=[pk]),
        "most": f":{ROWS_SHOWN}",
    }
    return render(request, "audits/plan.html", context)


@never_cache
@require_GET
def of_host(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    host = get_object_or_404(fleet_access.hosts(request.user).select_related("customer", "state"), pk=pk)
    page = host_plan_page(request.user, host, _ticked(request))
    context = {"room": "customers", "host": host, "page": page, "most": f":{ROWS_SHOWN}"}
    return render(request, "audits/host_plan.html", context)


def _ticked(request: HttpRequest) -> list[str] | None:
    """The ticked boxes; None where nobody has ticked or cleared any."""
    return request.GET.getlist("do") if "ticked" in request.GET else None
