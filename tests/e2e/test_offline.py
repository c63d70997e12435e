"""A host read offline, in a real browser: make the script, download it, run it elsewhere, upload what it printed."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from audits.models import HostState
from simulator import windows
from simulator.windows.offline import printed, redirected
from tests.e2e.conftest import sign_in
from tests.pages.conftest import Estate

pytestmark = pytest.mark.chromium
SAID = windows.host("hv01.contoso.lab", vms=[windows.vm("SQL01"), windows.vm("FS01", backup_service=False)])


def test_what_the_script_printed_becomes_verdicts(page: Page, estate: Estate, tmp_path: Path) -> None:
    HostState.objects.filter(host=estate.host).update(evidence_at=None, sections={})
    sign_in(page)
    page.goto(estate.pages["host"])
    page.get_by_role("link", name="Read offline").click()
    page.get_by_label("Computer name of the host").fill("HV01")
    page.get_by_role("button", name="Make the script").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="FleetAudit-HV01.ps1").click()
    script = tmp_path / "FleetAudit-HV01.ps1"
    download.value.save_as(script)
    output = tmp_path / "FleetAudit-HV01.txt"
    output.write_bytes(redirected(printed(SAID, script.read_text(encoding="ascii"))))

    page.get_by_label("The file that was printed").set_input_files(output)
    page.get_by_role("button", name="Upload and judge").click()
    expect(page.get_by_role("heading", name="1 of 1 host finished.")).to_be_visible()
    page.get_by_role("link", name="hv01.contoso.lab").first.click()
    expect(page.get_by_text("uploaded by jana")).to_be_visible()
    expect(page.get_by_role("link", name="FS01")).to_be_visible()

    page.get_by_role("link", name="Read offline").click()
    page.get_by_label("The file that was printed").set_input_files(output)
    page.get_by_role("button", name="Upload and judge").click()
    expect(page.get_by_role("alert")).to_contain_text("Each script is good for one upload")
