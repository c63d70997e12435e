"""The buttons: audit now, stop a run, re-run what failed. Each leads to the run's page."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from audits import access, services
from fleet import access as fleet_access


@require_POST
def audit_fleet(request: HttpRequest) -> HttpResponse:
    """Every host the person may audit."""
    try:
        run = services.start_run(request.user)
    except services.NothingToAudit as nothing:
        messages.info(request, str(nothing))
        return redirect("fleet")
    return redirect("run", run.pk)


@require_POST
def audit_customer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    customer = get_object_or_404(fleet_access.customers(request.user), pk=pk)
    try:
        run = services.start_run(request.user, customer=customer)
    except services.NothingToAudit as nothing:
        messages.info(request, str(nothing))
        return redirect("customer", pk)
    return redirect("run", run.pk)


@require_POST
def audit_host(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    host = get_object_or_404(fleet_access.hosts(request.user).select_related("customer"), pk=pk)
    run = services.start_run(request.user, hosts=[host])
    return redirect("run", run.pk)


@require_POST
def cancel_run(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    run = get_object_or_404(access.audit_runs(request.user), pk=pk)
    if not services.cancel_run(request.user, run):
        messages.info(request, "This run had already ended or was being stopped.")
    return redirect("run", pk)


@require_POST
def rerun_failed(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    run = get_object_or_404(access.audit_runs(request.user), pk=pk)
    try:
        again = services.rerun_failed(request.user, run)
    except services.NothingToAudit as nothing:
        messages.info(request, str(nothing))
        return redirect("run", pk)
    return redirect("run", again.pk)
