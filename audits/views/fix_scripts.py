"""A host's fix script: a page to read and copy it from, and the same text as a file. Nothing here runs it."""

import re
import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from audits.queries.fix_script import FixScriptPage, fix_script
from fleet import access as fleet_access
from fleet import trail

# Windows PowerShell 5.1 and older take a file for UTF-8 only with this mark; without it they read it in the computer's
# own code page, where parts of a letter may turn into a quote.
BYTE_ORDER_MARK = "\ufeff"
LONGEST_NAME = 60


@never_cache
@require_GET
def show(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    page = _page(request, pk)
    return render(
        request, "audits/fix_script.html", {"room": "customers", "host": page.host, "page": page, "script": page.script}
    )


@never_cache
@require_GET
def download(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The script as a file with a byte order mark and Windows line ends; the download is in the audit trail."""
    page = _page(request, pk)
    if not page.script.text:
        raise Http404(page.script.why_none)
    trail.record(request.user, "fix script read", f"{page.host.name} ({page.host.pk})", steps=len(page.script.steps))
    text = BYTE_ORDER_MARK + page.script.text.replace("\n", "\r\n")
    response = HttpResponse(text.encode(), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="fixes-{_file_name(page.host.name)}.ps1"'
    return response


def _page(request: HttpRequest, pk: uuid.UUID) -> FixScriptPage:
    host = get_object_or_404(fleet_access.hosts(request.user).select_related("customer"), pk=pk)
    return fix_script(request.user, host)


def _file_name(name: str) -> str:
    """The host's name as far as a file may be called so."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", name)[:LONGEST_NAME].strip(".-") or "host"
