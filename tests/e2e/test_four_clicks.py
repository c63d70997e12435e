"""From the fleet page to a copied fix in four clicks, with the commands of the host's own Windows version."""

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests import factories
from tests.e2e.conftest import sign_in
from tests.pages.conftest import Estate

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]

MOST_CLICKS = 4


class Counted:
    """A hand that counts its clicks."""

    def __init__(self) -> None:
        self.clicks = 0

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()


def _clipboard(page: Page, context: BrowserContext) -> str:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = page.evaluate("navigator.clipboard.readText()")
    assert isinstance(text, str)
    return text


def test_four_clicks_lead_from_the_fleet_to_the_copied_fix(page: Page, context: BrowserContext, estate: Estate) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page)
    hand = Counted()
    hand.click(page.get_by_role("link", name="1 will be paused."))
    hand.click(page.get_by_role("rowheader", name="SQL01").get_by_role("link"))
    copy = page.locator(".way-commands").get_by_role("button", name="Copy")
    hand.click(copy)
    expect(copy.get_by_role("status")).to_have_text("Copied")
    assert hand.clicks <= MOST_CLICKS
    guid = estate.vm.virtual_machine.guid
    assert _clipboard(page, context) == (
        f"$vm = Get-VM -Id '{guid}'   # the VM SQL01\n"
        "Get-VMIntegrationService -VM $vm | "
        "Where-Object { $_.Id -match '5CED1297-4598-4915-A5FC-AD21BB4D02A4' } |\n"
        "    Enable-VMIntegrationService"
    )


@pytest.mark.parametrize(
    ("build", "windows", "by_hand"),
    [
        (20348, "Windows Server 2022", "Checkpoints > Checkpoint File Location"),
        (9600, "Windows Server 2012 R2", "Settings > Checkpoint File Location"),
        (9200, "Windows Server 2012", "Settings > Snapshot File Location"),
    ],
)
def test_the_fix_is_that_of_the_hosts_windows(
    build: int, windows: str, by_hand: str, page: Page, context: BrowserContext, estate: Estate
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    vm = factories.a_vm(estate.host, "ERP", "saved_state", causes=["VM-SNAPLOC"])
    factories.a_result(estate.host, "VM-SNAPLOC", "fail", vm, measured="checkpoints on C:\\, disks on D:\\")
    factories.was_read(
        estate.host,
        sections=factories.evidence(
            identity={"os_build": build, "computer_name": "HV01"},
            vms={"vms": [{"vm_id": vm.virtual_machine.guid, "name": "ERP", "disks": [{"path": "D:\\Büro\\erp.vhdx"}]}]},
        ),
    )
    sign_in(page)
    page.goto(f"/vms/{vm.pk}/")
    tabs = page.get_by_role("group", name="Way to do it").first
    expect(tabs).to_contain_text(windows)
    tabs.get_by_text("By hand").click()
    expect(tabs).to_contain_text(by_hand)
    tabs.get_by_text("PowerShell", exact=True).click()
    tabs.get_by_role("button", name="Copy").click()
    assert "Set-VM -VM $vm -SnapshotFileLocation 'D:\\Büro'" in _clipboard(page, context)


def test_the_tabs_are_reached_and_changed_with_the_keyboard(page: Page, estate: Estate) -> None:
    sign_in(page)
    page.goto(estate.pages["vm"])
    page.get_by_role("radio", name="PowerShell").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="By hand").first).to_be_checked()
    expect(page.locator(".way-hand").first).to_be_visible()
    expect(page.locator(".way-commands").first).to_be_hidden()


def test_the_script_is_copied_whole(page: Page, context: BrowserContext, estate: Estate) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page)
    page.goto(estate.pages["host"])
    page.get_by_role("link", name="Open and copy").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copy").get_by_role("status")).to_have_text("Copied")
    copied = _clipboard(page, context)
    assert copied.startswith("# Fixes for the computer hv01.contoso.lab")
    assert copied.endswith("}\n")


def test_without_a_clipboard_the_text_is_marked_and_the_key_told(page: Page, estate: Estate) -> None:
    sign_in(page)
    page.goto(estate.pages["vm"])
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no clipboard here')); }")
    copy = page.locator(".way-commands").get_by_role("button", name="Copy").first
    copy.click()
    expect(copy.get_by_role("status")).to_have_text("Marked: press Ctrl+C")
    assert "Enable-VMIntegrationService" in page.evaluate("getSelection().toString()")
