"""The backup path of a customer or a host: what the evidence hints, what a choice would change, and setting it."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audits import backup_path
from audits.path_hints import hint_of_all, hints_of
from fleet import access as fleet_access
from fleet.forms import CustomerPathForm, HostPathForm
from fleet.models import Customer, Host

# More is not read on a page; the counts above say how many there are.
CHANGES_SHOWN = 100


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_customer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    customer = get_object_or_404(fleet_access.customers(request.user), pk=pk)
    form = CustomerPathForm(_given(request))
    if request.method == "POST" and form.is_valid():
        return _set(request, customer, form.cleaned_data["backup_path"], "customer_settings")
    hints = hints_of(request.user, customer.hosts.order_by("name"))
    context = {"customer": customer, "hints": hints, "hint": hint_of_all(hints)}
    return _page(request, "audits/customer_settings.html", customer, form, context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_host(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    host = get_object_or_404(fleet_access.hosts(request.user).select_related("customer"), pk=pk)
    form = HostPathForm(_given(request))
    if request.method == "POST" and form.is_valid():
        return _set(request, host, form.cleaned_data["backup_path"], "host_settings")
    [hint] = hints_of(request.user, [host])
    context = {"customer": host.customer, "host": host, "host_hint": hint, "hint": hint.hint}
    return _page(request, "audits/host_settings.html", host, form, context)


def _given(request: HttpRequest) -> Any:
    """What was chosen: posted, or in the address of a preview; None where nothing was."""
    given = request.POST if request.method == "POST" else request.GET
    return given if "backup_path" in given else None


def _set(request: HttpRequest, owner: Customer | Host, path: str, page: str) -> HttpResponse:
    effect = backup_path.set_backup_path(request.user, owner, path)
    changed = len(effect.changes)
    told = f"{changed} {'verdict' if changed == 1 else 'verdicts'} changed at once."
    if effect.waiting:
        told += f" {len(effect.waiting)} of the hosts follow at their next audit."
    messages.success(request, f"The backup path is set. {told}")
    return redirect(page, owner.pk)


def _page(
    request: HttpRequest, template: str, owner: Customer | Host, form: Any, context: dict[str, Any]
) -> HttpResponse:
    is_chosen = form.is_bound and form.is_valid()
    effect = backup_path.preview(owner, form.cleaned_data["backup_path"]) if is_chosen else None
    return render(
        request,
        template,
        {
            "room": "customers",
            "owner": owner,
            "form": form,
            "chosen": form.cleaned_data["backup_path"] if is_chosen else owner.backup_path,
            "is_preview": is_chosen,
            "effect": effect,
            "shown": effect.changes[:CHANGES_SHOWN] if effect else [],
            "may_set": fleet_access.may_set_backup_path(request.user, context["customer"]),
            **context,
        },
        status=400 if form.is_bound and not is_chosen else 200,
    )
