"""What a person enters: customers, networks, hosts, credentials, and who may see them."""

from django.apps import AppConfig


class FleetConfig(AppConfig):
    name = "fleet"
    default_auto_field = "django.db.models.BigAutoField"
