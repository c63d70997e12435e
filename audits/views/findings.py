"""Findings: the filtered list, and one with its evidence and history."""

import json
import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from audits import access
from audits.judgement.rules import RULES
from audits.queries import findings
from audits.queries.customers import customer_choices
from fleet import access as fleet_access

# More of one section than this is read more easily in a file than on a page.
LONGEST_EVIDENCE_CHARACTERS = 20_000


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "audits/findings.html",
        {
            "room": "checks",
            "findings": findings.finding_list(request.user, request.GET),
            "customers": customer_choices(request.user),
            "rules": RULES.values(),
            "chosen": request.GET,
        },
    )


@never_cache
@require_GET
def show(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    result = get_object_or_404(
        access.results(request.user).select_related("host__customer", "virtual_machine__verdict"), pk=pk
    )
    page = findings.finding_page(request.user, result)
    evidence = [(section, reading, _as_text(body)) for section, reading, body in page.evidence]
    return render(
        request,
        "audits/finding.html",
        {
            "room": "checks",
            "page": page,
            "finding": result,
            "host": result.host,
            "evidence": evidence,
            "may_audit": fleet_access.may_audit(request.user, result.host.customer),
        },
    )


def _as_text(body: object) -> str:
    if body is None:
        return ""
    text = json.dumps(body, indent=2, ensure_ascii=False)
    if len(text) > LONGEST_EVIDENCE_CHARACTERS:
        return f"{text[:LONGEST_EVIDENCE_CHARACTERS]}\n… {len(text) - LONGEST_EVIDENCE_CHARACTERS:,} characters more"
    return text
