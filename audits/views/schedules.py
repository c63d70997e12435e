"""A customer's backup window and the audits around it: shown to who may look, changed by who may audit."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audits.forms import ScheduleForm, time_zones
from audits.models import Schedule
from audits.schedules import save_schedule
from fleet import access as fleet_access
from fleet.models import Customer
from fleet.services import InvalidInput

RUNS_SHOWN = 2


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_customer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    customer = get_object_or_404(fleet_access.customers(request.user).select_related("schedule__last_run"), pk=pk)
    may_change = fleet_access.may_audit(request.user, customer)
    if request.method == "POST" and not may_change:
        raise PermissionDenied("Changing a schedule needs the operator role for this customer.")
    schedule: Schedule | None = getattr(customer, "schedule", None)
    form = ScheduleForm(request.POST) if request.method == "POST" else ScheduleForm.of(schedule)
    if form.is_bound and form.is_valid() and _save(request, customer, form):
        messages.success(request, "The schedule is saved. From the next audit on, its window counts.")
        return redirect("schedule", pk)
    return render(
        request,
        "audits/schedule.html",
        {
            "room": "customers",
            "customer": customer,
            "schedule": schedule,
            "next_runs": schedule.next_moments(RUNS_SHOWN) if schedule else [],
            "form": form,
            "time_zones": time_zones(),
            "may_change": may_change,
        },
        status=400 if form.is_bound else 200,
    )


def _save(request: HttpRequest, customer: Customer, form: ScheduleForm) -> bool:
    """Whether it could be saved; else the form says why not."""
    given = form.cleaned_data
    try:
        save_schedule(
            request.user,
            customer,
            window=(given["window_begins"], given["window_ends"]),
            time_zone=given["time_zone"],
            weekdays=given["weekdays"],
            audit_before_minutes=given["audit_before_minutes"],
            harvest_after_minutes=given["harvest_after_minutes"],
            is_enabled=given["is_enabled"],
        )
    except InvalidInput as error:
        form.add_error(None, str(error))
        return False
    return True
