"""Which address belongs to which room."""

from django.urls import include, path

from config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("fleet.accounts.urls")),
    path("", include("fleet.urls")),
    path("", include("audits.urls")),
]
