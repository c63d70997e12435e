"""VMs: the filtered list, and one VM with its three witnesses."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from audits import access
from audits.queries import vms
from audits.queries.customers import customer_choices
from audits.queries.words import OBSERVED
from fleet import access as fleet_access


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "audits/vms.html",
        {
            "room": "fleet",
            "vms": vms.vm_list(request.user, request.GET),
            "customers": customer_choices(request.user),
            "observed_words": OBSERVED.values(),
            "chosen": request.GET,
        },
    )


@never_cache
@require_GET
def show(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    verdict = get_object_or_404(
        access.verdicts(request.user).select_related("virtual_machine", "host__customer", "customer__schedule"), pk=pk
    )
    return render(
        request,
        "audits/vm.html",
        {
            "room": "customers",
            "verdict": verdict,
            "host": verdict.host,
            "page": vms.vm_page(request.user, verdict),
            "may_audit": fleet_access.may_audit(request.user, verdict.customer),
        },
    )
