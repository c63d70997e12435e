"""A technician enters a backup window and looks at the nights, with and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.e2e.conftest import sign_in
from tests.pages.conftest import Estate

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


def enter_window(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Begins").fill("22:00")
    page.get_by_label("Ends").fill("04:00")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_label("Sunday").uncheck()
    page.get_by_role("button", name="Save schedule").click()


def test_a_window_is_entered_and_the_next_audits_stand_there(page: Page, estate: Estate) -> None:
    sign_in(page)
    page.goto(estate.pages["customer"])
    page.get_by_role("link", name="Schedule", exact=True).click()
    enter_window(page, page.url)
    expect(page.get_by_text("The schedule is saved.")).to_be_visible()
    expect(page.get_by_text("before the backup window")).to_be_visible()
    expect(page.get_by_text("after the backup window")).to_be_visible()


def test_a_window_is_entered_without_scripts_too(browser_without_scripts: Page, estate: Estate) -> None:
    sign_in(browser_without_scripts)
    enter_window(browser_without_scripts, estate.pages["schedule"])
    expect(browser_without_scripts.get_by_text("The schedule is saved.")).to_be_visible()


def test_a_zone_that_is_none_is_said_and_the_form_keeps_what_was_entered(page: Page, estate: Estate) -> None:
    sign_in(page)
    page.goto(estate.pages["schedule"])
    page.get_by_label("Time zone").fill("Berlin")
    page.get_by_role("button", name="Save schedule").click()
    expect(page.get_by_role("alert")).to_contain_text("did you mean Europe/Berlin")
    expect(page.get_by_label("Time zone")).to_have_value("Berlin")


def test_from_the_fleets_last_night_to_the_vm_that_was_paused(page: Page, estate: Estate) -> None:
    factories.a_schedule(estate.customer)
    sign_in(page)
    page.get_by_role("link", name="Last night: 1 VM was saved").click()
    page.get_by_role("rowheader", name="SQL01").get_by_role("link").click()
    expect(page.get_by_role("heading", name="The event log says")).to_be_visible()
    expect(page.get_by_role("img", name="The event log showed, last 30 nights")).to_be_visible()
    page.goto(estate.pages["host"])
    drawing = page.get_by_role("img", name="VMs paused by a backup")
    expect(drawing).to_be_visible()
    page.get_by_role("region", name="Seven nights").get_by_text("As a table").click()
    expect(page.get_by_role("table", name="Seven nights")).to_be_visible()
