"""Runs: the list of them, and one with its progress while it runs and as the record afterwards."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from audits import access
from audits.queries import run_page
from audits.views.frame import may_audit_anything


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "audits/runs.html",
        {
            "room": "runs",
            "runs": run_page.runs(request.user, request.GET),
            "state": request.GET.get("state", ""),
            "may_audit": may_audit_anything(request.user),
        },
    )


@never_cache
@vary_on_headers("HX-Request")
@require_GET
def show(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The page, or for the poll of an open run its changing part alone, from the same address."""
    run = get_object_or_404(access.audit_runs(request.user).select_related("customer", "host"), pk=pk)
    is_poll = request.headers.get("HX-Target") == "run"  # the poll names the part it replaces
    context = {
        "room": "runs",
        "run": run,
        "is_poll": is_poll,
        "page": run_page.run_page(request.user, run, request.GET),
        "state": request.GET.get("state", ""),
        "may_audit": may_audit_anything(request.user),
    }
    return render(request, "audits/run.html#live" if is_poll else "audits/run.html", context)
