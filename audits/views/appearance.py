"""Light, dark, or what the system says: a choice kept in a cookie that holds nothing else."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

ONE_YEAR_SECONDS = 365 * 24 * 3600


@login_not_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Back to the page it was chosen on, if that is one of ours."""
    wanted = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        wanted = "/"
    response = redirect(wanted)
    appearance = request.POST.get("appearance")
    if appearance in ("light", "dark"):
        response.set_cookie(
            "appearance",
            appearance,
            max_age=ONE_YEAR_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie("appearance", samesite="Lax")
    return response
