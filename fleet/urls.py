"""Forms and settings: what a person enters."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
