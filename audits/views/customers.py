"""Customers: all of them, worst first, and one with its hosts and what to do."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from audits.queries import customers, guest_access, hosts
from fleet import access as fleet_access


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    page = customers.customer_page_of(request.user, request.GET)
    return render(
        request, "audits/customers.html", {"room": "customers", "customers": page, "text": request.GET.get("q", "")}
    )


@never_cache
@require_GET
def show(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    customer = get_object_or_404(
        fleet_access.customers(request.user).select_related("schedule").prefetch_related("networks"), pk=pk
    )
    return render(
        request,
        "audits/customer.html",
        {
            "room": "customers",
            "customer": customer,
            "scope_query": f"customer={pk}&",
            "page": customers.customer_page(request.user, customer),
            "hosts": hosts.host_list(request.user, request.GET, of=customer),
            "guest_access": guest_access.access_rows(request.user, customer),
            "may_audit": fleet_access.may_audit(request.user, customer),
        },
    )
