"""The fleet: how many VMs back up live, what to do first, what got worse, and every customer, worst first."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from audits.queries.fleet_page import fleet_page
from audits.views.frame import may_audit_anything

CUSTOMERS_ON_THE_FLEET_PAGE = 25


@never_cache
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    fleet = fleet_page(request.user)
    return render(
        request,
        "audits/fleet.html",
        {
            "room": "fleet",
            "fleet": fleet,
            "tally": fleet.tally,
            "customers": Paginator(fleet.customers, CUSTOMERS_ON_THE_FLEET_PAGE).get_page(1).object_list,
            "may_audit": may_audit_anything(request.user),
        },
    )
