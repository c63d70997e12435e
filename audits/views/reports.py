"""Reports: CSV of everything in view, and of exactly what a list shows, streamed."""

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from audits.queries import episodes, findings, vms
from audits.queries.customers import customer_choices
from audits.reports.findings import COLUMNS as FINDING_COLUMNS
from audits.reports.findings import findings_csv
from audits.reports.saved_state_events import COLUMNS as EPISODE_COLUMNS
from audits.reports.saved_state_events import saved_state_events_csv
from audits.reports.vm_verdicts import COLUMNS as VERDICT_COLUMNS
from audits.reports.vm_verdicts import vm_verdicts_csv
from fleet import trail

# Excel takes a file for UTF-8 only with this mark; everything else is confused by it.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "audits/reports.html",
        {
            "room": "reports",
            "customers": customer_choices(request.user),
            "verdict_columns": list(VERDICT_COLUMNS),
            "finding_columns": list(FINDING_COLUMNS),
            "episode_columns": list(EPISODE_COLUMNS),
        },
    )


@never_cache
@require_GET
def download(request: HttpRequest, name: str) -> HttpResponseBase:
    """The report `name` with the list's own filter; the download is in the audit trail."""
    rows = _rows(request, name)
    trail.record(request.user, "report read", name, filter=request.GET.urlencode()[:1000])
    response = StreamingHttpResponse(
        _with_mark(rows) if request.GET.get("excel") else rows, content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.now():%Y-%m-%d-%H%M}.csv"'
    return response


def _rows(request: HttpRequest, name: str) -> Iterator[bytes]:
    if name == "vm_verdicts":
        return vm_verdicts_csv(vms.filtered(request.user, request.GET))
    if name == "findings":
        return findings_csv(findings.finding_filter(request.user, request.GET))
    if name == "saved_state_events":
        return saved_state_events_csv(episodes.filtered(request.user, request.GET))
    raise Http404(f"no report is called {name}")


def _with_mark(rows: Iterator[bytes]) -> Iterator[bytes]:
    yield BYTE_ORDER_MARK
    yield from rows
