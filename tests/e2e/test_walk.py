"""A technician walks through the product in Chromium: with the mouse, with the keyboard, and with axe beside them."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from audits.models import AuditRun, HostAudit
from tests import factories
from tests.e2e.conftest import sign_in
from tests.pages.conftest import LISTS, Estate

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


def _every_address(estate: Estate) -> list[str]:
    return [
        *(reverse(name) for name in LISTS),
        *estate.pages.values(),
        reverse("check", args=["VM-ISBACKUP"]),
        reverse("rights"),
    ]


def test_sign_in_with_a_password_leads_to_the_fleet(page: Page, estate: Estate) -> None:
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("0 of 1 VMs back up live. 1 will be paused.")


def test_from_the_fleet_to_the_measured_value(page: Page, estate: Estate) -> None:
    sign_in(page)
    page.get_by_role("link", name="1 will be paused.").click()
    page.get_by_role("rowheader", name="SQL01").get_by_role("link").click()
    expect(page.get_by_role("heading", name="We predict")).to_be_visible()
    page.get_by_role("link", name="The backup integration service is offered to the VM").click()
    expect(page.get_by_text("Backup (volume checkpoint): not offered")).to_be_visible()


def test_axe_finds_nothing_in_light_and_dark(page: Page, estate: Estate) -> None:
    sign_in(page)
    axe = Axe()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for address in _every_address(estate):
            page.goto(address)
            found = axe.run(page).response["violations"]
            told = [(finding["id"], finding["nodes"][0]["html"][:120]) for finding in found]
            assert not told, f"{address} in {scheme}"


@pytest.mark.parametrize("width", [320, 390, 1024, 1440])
def test_no_page_scrolls_sideways(width: int, page: Page, estate: Estate) -> None:
    factories.a_vm(estate.host, "A" * 4096)
    factories.a_customer("Wasser- und Abwasserzweckverband Mittleres Erzgebirgsvorland " * 3)
    sign_in(page)
    page.set_viewport_size({"width": width, "height": 900})
    for address in _every_address(estate):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_nothing_breaks_the_content_security_policy(page: Page, estate: Estate) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    sign_in(page)
    for address in _every_address(estate):
        page.goto(address)
    assert told == []


def test_the_keyboard_reaches_content_and_search(page: Page, estate: Estate) -> None:
    sign_in(page)
    page.goto("/checks/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("sql01")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("1 result for “sql01”")


def test_the_choice_of_dark_survives_the_next_page(page: Page, estate: Estate) -> None:
    sign_in(page)
    page.locator("[data-menu] summary").click()
    page.get_by_role("button", name="Dark").click()
    page.goto("/checks/")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_a_filter_changes_the_list_and_the_address(page: Page, estate: Estate) -> None:
    factories.a_vm(estate.host, "DC01", "live")
    sign_in(page)
    page.goto("/vms/")
    page.get_by_label("Verdict").select_option("live")
    expect(page.get_by_role("rowheader")).to_have_text(["DC01"])
    expect(page).to_have_url(re.compile("verdict=live"))


def test_a_running_audit_tells_its_progress_and_falls_silent(page: Page, estate: Estate) -> None:
    run = factories.a_run(state="running", minutes_ago=1)
    audit = factories.a_host_audit(run, estate.host, state="running")
    sign_in(page)
    page.goto(reverse("run", args=[run.pk]))
    expect(page.get_by_role("heading", name="0 of 1 host finished.")).to_be_visible()
    HostAudit.objects.filter(pk=audit.pk).update(state="succeeded", finished_at=timezone.now())
    AuditRun.objects.filter(pk=run.pk).update(state="completed", finished_at=timezone.now())
    expect(page.get_by_role("heading", name="1 of 1 host finished.")).to_be_visible()
    expect(page.locator("#run-news")).to_contain_text("The run has ended.")
    expect(page.locator("[hx-trigger='every 2s']")).to_have_count(0)


def test_a_refresh_moves_nothing(page: Page, estate: Estate) -> None:
    run = factories.a_run(state="running", minutes_ago=1)
    audit = factories.a_host_audit(run, estate.host, state="running")
    factories.a_host_audit(run, factories.a_host(estate.customer, "zz.lab"), state="queued")
    sign_in(page)
    page.goto(reverse("run", args=[run.pk]))
    last_row = page.get_by_role("row").last
    before = last_row.bounding_box()
    sections = [{"section": "identity", "status": "ok"}]
    HostAudit.objects.filter(pk=audit.pk).update(state="succeeded", sections=sections, verdicts={"live": 3})
    expect(page.get_by_role("heading", name="1 of 2 hosts finished.")).to_be_visible()
    assert last_row.bounding_box() == before


def test_every_page_works_without_javascript(browser_without_scripts: Page, estate: Estate) -> None:
    page = browser_without_scripts
    sign_in(page)
    page.goto("/vms/")
    page.get_by_label("Verdict").select_option("saved_state")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("rowheader")).to_have_text(["SQL01"])
