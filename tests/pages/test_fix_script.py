"""A host's fix script on its page and as a file: the same text, for those who may see the host, and never run."""

import pytest
from django.test import Client
from django.urls import reverse

from audits.judgement.powershell import is_visible
from audits.models import Result
from fleet.models import TrailEntry
from tests import factories, people
from tests.pages.conftest import Estate, an_estate, signed_in


def _file(client: Client, estate: Estate) -> str:
    answer = client.get(reverse("fix_script_file", args=[estate.host.pk]))
    assert answer.status_code == 200
    return answer.content.decode("utf-8-sig").replace("\r\n", "\n")


def test_the_page_shows_the_steps_and_the_script(estate: Estate, owner: Client) -> None:
    text = owner.get(estate.pages["fix_script"]).content.decode()
    assert "1. Offer the backup service to the VM" in text
    assert "Enable-VMIntegrationService" in text
    assert "Fleet Audit never runs it." in text


def test_the_host_page_leads_to_it(estate: Estate, owner: Client) -> None:
    assert estate.pages["fix_script"] in owner.get(estate.pages["host"]).content.decode()


def test_a_host_without_failures_has_a_page_that_says_why_it_is_empty(estate: Estate, owner: Client) -> None:
    Result.objects.all().delete()
    assert "Nothing that has a fix fails on this host." in owner.get(estate.pages["fix_script"]).content.decode()
    assert estate.pages["fix_script"] not in owner.get(estate.pages["host"]).content.decode()
    assert owner.get(reverse("fix_script_file", args=[estate.host.pk])).status_code == 404


def test_the_file_is_utf_8_with_a_mark_and_windows_line_ends(estate: Estate, owner: Client) -> None:
    answer = owner.get(reverse("fix_script_file", args=[estate.host.pk]))
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="fixes-hv01.contoso.lab.ps1"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content.startswith(b"\xef\xbb\xbf# Fixes for the computer")
    assert answer.content.count(b"\n") == answer.content.count(b"\r\n")


def test_a_download_is_in_the_audit_trail_and_looking_is_not(estate: Estate, owner: Client) -> None:
    owner.get(estate.pages["fix_script"])
    assert not TrailEntry.objects.filter(action="fix script read").exists()
    _file(owner, estate)
    entry = TrailEntry.objects.get(action="fix script read")
    assert entry.subject == f"hv01.contoso.lab ({estate.host.pk})"
    assert entry.detail == {"steps": 1}


def test_a_colleague_has_the_file_and_a_stranger_has_not(estate: Estate, stranger: Client) -> None:
    address = reverse("fix_script_file", args=[estate.host.pk])
    assert signed_in(people.a_colleague(estate.customer)).get(address).status_code == 200
    assert stranger.get(address).status_code == 404
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("name", ["invoice\u202efdp.exe", "bell\x07\x1b[31m", "a\nRemove-VM *", "x\u2028y", "A" * 4096])
def test_no_invisible_character_of_a_host_reaches_the_file(name: str, db: None, owner: Client) -> None:
    text = _file(owner, an_estate("Contoso", name, name[:255]))
    assert all(is_visible(character) or character == "\n" for character in text)


def test_the_files_name_holds_nothing_but_letters_digits_points_and_hyphens(db: None, owner: Client) -> None:
    estate = an_estate(host_name='hv"01\r\nX: y/../é.lab')
    answer = owner.get(reverse("fix_script_file", args=[estate.host.pk]))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="fixes-hv-01-X-y-..-.lab.ps1"'


def test_the_script_costs_the_same_queries_however_many_vms_fail(
    estate: Estate, owner: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(20):
        vm = factories.a_vm(estate.host, f"VM{number}", "saved_state", causes=["VM-ISBACKUP"])
        factories.a_result(estate.host, "VM-ISBACKUP", "fail", vm)
    assert callable(django_assert_max_num_queries)
    with django_assert_max_num_queries(6):
        owner.get(estate.pages["fix_script"])
