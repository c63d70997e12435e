"""The plan in Chromium: boxes are ticked, and the answer changes in place; without scripts a button does the same."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from fleet.accounts.models import User
from fleet.models import Host
from simulator import windows
from tests.audits.judged import audit_as
from tests.audits.world import a_customer, a_host
from tests.e2e.conftest import PASSWORD, sign_in

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]

LONG = "Donaudampfschifffahrtsgesellschaftskapitänspatentverwaltungsanwendungsserver-Produktion-01"


@pytest.fixture
def host(transactional_db: None) -> Host:
    User.objects.create_user("jana", password=PASSWORD, first_name="Jana", last_name="Köhler", is_staff=True)
    host = a_host(a_customer("Wasser- und Abwasserzweckverband Mittleres Erzgebirgsvorland"))
    vms = [
        windows.vm(LONG, backup_service=False),
        windows.vm("no-scsi", generation=1, scsi_controllers=0),
        windows.vm("both", backup_service=False, generation=1, scsi_controllers=0),
        windows.vm("<b>unreadable</b>", disks=(windows.Disk(unreadable=True),)),
    ]
    audit_as(host, windows.host("hv01", build=9600, vms=vms))
    return host


def test_ticking_a_box_shows_what_changes_without_a_new_page(page: Page, host: Host) -> None:
    sign_in(page)
    page.get_by_role("link", name="See the plan").first.click()
    expect(page).to_have_url(re.compile(r"/plan/#suggestion-1"))
    page.goto(reverse("host_plan", args=[host.pk]))
    answer = page.locator("#what-if")
    expect(answer).to_contain_text("1 more VM live")
    page.get_by_role("checkbox", name=re.compile("Add a SCSI controller")).check()
    expect(answer).to_contain_text("3 more VMs live")
    expect(page).to_have_url(re.compile("do=VM-SCSI"))
    page.get_by_role("checkbox", name=re.compile("Offer the backup service")).uncheck()
    expect(answer).to_contain_text("2 verdicts change")


@pytest.mark.parametrize("page_name", ["host_plan", "customer_plan", "plan"])
@pytest.mark.parametrize("width", [320, 1440])
def test_a_plan_with_long_names_does_not_scroll_sideways(page_name: str, width: int, page: Page, host: Host) -> None:
    sign_in(page)
    page.set_viewport_size({"width": width, "height": 900})
    arguments = {"host_plan": [host.pk], "customer_plan": [host.customer_id]}.get(page_name, [])
    page.goto(reverse(page_name, args=arguments))
    for details in page.locator("details").all():
        details.evaluate("element => element.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_the_button_shows_what_changes(browser_without_scripts: Page, host: Host) -> None:
    page = browser_without_scripts
    sign_in(page)
    page.goto(reverse("customer_plan", args=[host.customer_id]))
    page.get_by_role("checkbox", name=re.compile("Add a SCSI controller")).check()
    page.get_by_role("button", name="Show what changes").click()
    expect(page.locator("#what-if")).to_contain_text("3 more VMs live")
