"""Search over customers, hosts, VMs and checks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from audits.queries.search import search


@never_cache
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    found = search(request.user, request.GET.get("q", ""))
    return render(request, "audits/search.html", {"found": found, "search_text": found.text})
