"""What each rights level can read, what stays unknown without the rest, and the files of the JEA endpoint."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from audits.collect.jea import MODULE_VERSION, jea_archive, jea_files
from audits.collect.rights import LEVELS
from audits.queries.rights import lines


@never_cache
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    hashes = [(place, hashlib.sha256(content).hexdigest()) for place, content in jea_files().items()]
    return render(
        request,
        "audits/rights.html",
        {
            "room": "customers",
            "levels": LEVELS.values(),
            "lines": lines(),
            "module_version": MODULE_VERSION,
            "hashes": hashes,
            "install": jea_files()["INSTALL.txt"].decode("ascii"),
        },
    )


@never_cache
@require_GET
def download_jea(request: HttpRequest) -> HttpResponse:
    """The files of the JEA endpoint as one zip archive; the same for everybody."""
    response = HttpResponse(jea_archive(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="FleetAudit-JEA-{MODULE_VERSION}.zip"'
    return response
