"""A host that cannot be reached: make the script for it, download it, and upload what it printed."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from audits import access, offline
from audits.collect.offline.output import MAX_OUTPUT_BYTES
from fleet import access as fleet_access
from fleet.models import Host

# The latest ones tell who brought what; older ones are in the audit trail.
BUNDLES_SHOWN = 10


@never_cache
@require_GET
def show(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _page(request, _host(request, pk))


@require_POST
def make(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    host = _host(request, pk)
    try:
        offline.make_bundle(request.user, host, request.POST.get("computer_name", ""))
    except offline.Refused as refused:
        return _page(request, host, make_error=str(refused))
    return redirect("offline", pk)


@never_cache
@require_GET
def download(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The script as a file. Each download stands in the audit trail."""
    bundle = get_object_or_404(access.offline_bundles(request.user).select_related("host__customer"), pk=pk)
    try:
        text = offline.bundle_text(request.user, bundle)
    except offline.Refused as refused:
        messages.info(request, str(refused))
        return redirect("offline", bundle.host_id)
    response = HttpResponse(text, content_type="text/plain; charset=us-ascii")
    response["Content-Disposition"] = f'attachment; filename="{offline.file_name(bundle)}.ps1"'
    return response


@require_POST
def upload(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    host = _host(request, pk)
    file = request.FILES.get("output")
    if file is None:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        too_large = f"The file is too large: an output has at most {MAX_OUTPUT_BYTES:,} bytes. Is it the right file?"
        return _page(
            request, host, upload_error=too_large if length > MAX_OUTPUT_BYTES else "Choose the file that was printed."
        )
    try:
        run = offline.take_output(request.user, host, file.read(), reinstalled=request.POST.get("reinstalled") == "yes")
    except offline.Refused as refused:
        return _page(request, host, upload_error=str(refused))
    return redirect("run", run.pk)


def _host(request: HttpRequest, pk: uuid.UUID) -> Host:
    return get_object_or_404(fleet_access.hosts(request.user).select_related("customer", "state"), pk=pk)


def _page(request: HttpRequest, host: Host, *, make_error: str = "", upload_error: str = "") -> HttpResponse:
    """The page, again with the reason where something was refused."""
    bundles = list(access.offline_bundles(request.user).filter(host=host).select_related("run")[:BUNDLES_SHOWN])
    context = {
        "room": "customers",
        "host": host,
        "bundles": bundles,
        "current": bundles[0] if bundles and offline.is_good(bundles[0]) else None,
        "computer_name": request.POST.get("computer_name") or offline.computer_name_of(host),
        "good_for_days": offline.GOOD_FOR.days,
        "most_megabytes": MAX_OUTPUT_BYTES // 2**20,
        "make_error": make_error,
        "upload_error": upload_error,
        "may_audit": fleet_access.may_audit(request.user, host.customer),
    }
    return render(request, "audits/offline.html", context, status=422 if make_error or upload_error else 200)
