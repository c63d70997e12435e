"""Sign in by password or by one-time link, and sign out."""

from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from fleet.accounts.models import SignInLink


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """User name and password; limits per account and per address come from axes."""

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST redeems: a mail scanner or link preview that only looks does not use the link up."""
    if request.method == "POST":
        person = SignInLink.objects.redeem(token)
        if person is not None:
            login(request, person, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("/")
        return render(request, "accounts/sign_in_link.html", {"is_open": False}, status=410)
    is_open = SignInLink.objects.is_open(token)
    return render(request, "accounts/sign_in_link.html", {"is_open": is_open}, status=200 if is_open else 410)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign_in")
