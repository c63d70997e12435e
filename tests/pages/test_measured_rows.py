"""The rows that the measurements of the pages fill in are rows that the pages can show."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.bench import fleet_data
from tests.people import an_owner

pytestmark = pytest.mark.django_db


def test_the_fleet_that_is_measured_can_be_shown() -> None:
    fleet_data.fill(2, 10, ["VM-ISBACKUP", "VM-ISSTATE", "VM-SCSI"])
    client = Client()
    client.force_login(an_owner())
    assert "of 20 VMs back up live" in client.get(reverse("fleet")).content.decode()
    assert client.get(reverse("plan")).status_code == 200
