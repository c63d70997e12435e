"""Text that a host supplied is shown on every page, escaped, isolated and with its control characters visible."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.pages.conftest import LISTS, Estate, an_estate, downloaded

SCRIPT = "<script>alert(1)</script>"
HOSTILE_NAMES = {
    "script": f'"><img src=x onerror=alert(1)>{SCRIPT}',
    "template": "{{ 7|add:7 }}{% now 'Y' %}",
    "direction": "invoice\u202efdp.exe",
    "control": "bell\x07and\x1b[31mred\r\nline",
    "long": "A" * 4096,
    "formula": "=cmd|' /C calc'!A0",
}


@pytest.fixture(params=HOSTILE_NAMES)
def hostile(request: pytest.FixtureRequest, db: None) -> Estate:
    name = HOSTILE_NAMES[request.param]
    return an_estate(name[:200], name, name[:255])


def _every_page(estate: Estate) -> list[str]:
    lists = [reverse(name) for name in LISTS]
    check = reverse("check", args=["VM-ISBACKUP"])
    search = f"{reverse('search')}?q={SCRIPT}"
    return [*estate.pages.values(), *lists, check, search]


def test_no_page_lets_hostile_text_out(hostile: Estate, owner: Client) -> None:
    for address in _every_page(hostile):
        answer = owner.get(address)
        assert answer.status_code == 200, address
        text = answer.content.decode()
        assert SCRIPT not in text, address
        assert "<img src=x" not in text, address
        assert "\u202e" not in text, address
        assert "\x07" not in text and "\x1b" not in text, address
        assert "A" * 300 not in text or address == hostile.pages["vm"] or "evidence" in text, address


def test_control_and_direction_characters_are_made_visible(owner: Client) -> None:
    estate = an_estate(vm_name=HOSTILE_NAMES["direction"])
    text = owner.get(estate.pages["vm"]).content.decode()
    assert 'invoice<span class="ctl">U+202E</span>fdp.exe' in text


def test_a_name_of_4_kib_is_cut_in_lists_and_its_length_said(owner: Client) -> None:
    an_estate(vm_name=HOSTILE_NAMES["long"])
    text = owner.get(reverse("vms")).content.decode()
    assert "(4,096 characters)" in text
    assert "A" * 121 not in text


def test_a_name_stands_in_a_comment_of_the_commands_and_nowhere_else(owner: Client) -> None:
    estate = an_estate(vm_name="it’s'; Remove-VM -Name *; '")
    text = owner.get(estate.pages["vm"]).content.decode()
    comment = '<span class="c"># the VM it’s&#x27;; Remove-VM -Name *; &#x27;</span>'
    assert comment in text
    commands = text.partition('<pre id="fix-1"')[2].partition("</pre>")[0]
    assert "Remove-VM" not in commands.replace(comment, "")


def test_a_formula_is_disarmed_in_the_download(owner: Client) -> None:
    an_estate(vm_name=HOSTILE_NAMES["formula"])
    assert b"'=cmd|" in downloaded(owner, "vm_verdicts")
