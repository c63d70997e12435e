"""Hosts: the list, and one host: what it is, what was read, what it shows."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from audits.queries import hosts, vms
from audits.queries.customers import customer_choices
from fleet import access as fleet_access


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "audits/hosts.html",
        {
            "room": "customers",
            "hosts": hosts.host_list(request.user, request.GET),
            "customers": customer_choices(request.user),
            "chosen": request.GET,
        },
    )


@never_cache
@require_GET
def show(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    host = get_object_or_404(
        fleet_access.hosts(request.user).select_related(
            "customer__schedule", "state__cluster", "state__evidence_run", "state__plan", "credential"
        ),
        pk=pk,
    )
    return render(
        request,
        "audits/host.html",
        {
            "room": "customers",
            "host": host,
            "page": hosts.host_page(request.user, host),
            "vms": vms.vm_list(request.user, request.GET, on=host),
            "may_audit": fleet_access.may_audit(request.user, host.customer),
        },
    )
