"""Which page stands at which address of this room."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
