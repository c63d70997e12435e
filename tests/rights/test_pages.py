"""The pages of rights levels and of reading offline: what an operator, a viewer and a stranger can do there."""

import hashlib
import html
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audits import offline
from audits.collect.jea import jea_files
from audits.collect.probes import PROBE_VERSION
from audits.collect.rights import LEVELS
from audits.models import AuditRun, HostState, OfflineBundle
from fleet.models import Host, Membership, RightsLevel
from simulator import windows
from simulator.windows.offline import printed, redirected
from tests import factories, people
from tests.pages.conftest import Estate, an_estate, downloaded, signed_in

pytestmark = pytest.mark.django_db
SAID = windows.host("hv01.contoso.lab", vms=[windows.vm("SQL01"), windows.vm("FS01", backup_service=False)])


@pytest.fixture
def estate(db: None) -> Estate:
    estate = an_estate()
    HostState.objects.filter(host=estate.host).update(sections={})
    return estate


@pytest.fixture
def operator(estate: Estate) -> Client:
    return signed_in(people.a_colleague(estate.customer))


def make(client: Client, host: Host, computer_name: str = "HV01") -> OfflineBundle:
    answer = client.post(reverse("make_bundle", args=[host.pk]), {"computer_name": computer_name})
    assert answer.status_code == 302
    return OfflineBundle.objects.latest("created_at")


def script_of(client: Client, bundle: OfflineBundle) -> str:
    return client.get(reverse("bundle", args=[bundle.pk])).content.decode()


def upload(client: Client, host: Host, content: bytes, **fields: str) -> object:
    file = SimpleUploadedFile("out.txt", content)
    return client.post(reverse("upload_output", args=[host.pk]), {"output": file, **fields}, follow=True)


def text_of(client: Client, page: str, *arguments: object) -> str:
    return client.get(reverse(page, args=arguments)).content.decode()


def test_the_page_shows_the_hash_of_exactly_the_file_that_is_downloaded(operator: Client, estate: Estate) -> None:
    bundle = make(operator, estate.host)
    answer = operator.get(reverse("bundle", args=[bundle.pk]))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="FleetAudit-HV01.ps1"'
    assert hashlib.sha256(answer.content).hexdigest() in text_of(operator, "offline", estate.host.pk)
    assert answer.content == operator.get(reverse("bundle", args=[bundle.pk])).content


def test_an_upload_leads_to_its_run_and_the_verdicts_appear(operator: Client, estate: Estate) -> None:
    HostState.objects.filter(host=estate.host).update(evidence_at=None)
    bundle = make(operator, estate.host)
    answer = upload(operator, estate.host, redirected(printed(SAID, script_of(operator, bundle))))
    text = answer.content.decode()  # type: ignore[attr-defined]
    assert "Uploaded" in text and "by colin" in text
    assert "FS01" in text_of(operator, "host", estate.host.pk)
    assert "uploaded by colin" in text_of(operator, "host", estate.host.pk)
    assert "uploaded by colin" in text_of(operator, "runs")
    assert b"FS01" in downloaded(operator, "vm_verdicts")
    offered = text_of(operator, "offline", estate.host.pk)
    assert "see the run" in offered and "Make the script" in offered


def test_a_refused_upload_says_why_on_the_page(operator: Client, estate: Estate) -> None:
    answer = upload(operator, estate.host, b"<script>alert(1)</script>")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "the line that it begins with is missing" in answer.content.decode()  # type: ignore[attr-defined]
    assert not AuditRun.objects.filter(trigger="uploaded").exists()


def test_no_file_is_asked_for_and_a_large_one_is_refused_with_its_limit(operator: Client, estate: Estate) -> None:
    nothing = operator.post(reverse("upload_output", args=[estate.host.pk]))
    assert "Choose the file" in nothing.content.decode()
    large = upload(operator, estate.host, b"x" * (9 * 1024 * 1024))
    assert "The file is too large: an output has at most 8,388,608 bytes" in large.content.decode()  # type: ignore[attr-defined]


def test_an_upload_without_its_form_token_is_refused(estate: Estate) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.a_colleague(estate.customer))
    for page in ("upload_output", "make_bundle"):
        assert client.post(reverse(page, args=[estate.host.pk]), {}).status_code == 403


def test_a_name_that_is_none_comes_back_escaped(operator: Client, estate: Estate) -> None:
    answer = operator.post(
        reverse("make_bundle", args=[estate.host.pk]), {"computer_name": '"><script>alert(1)</script>'}
    )
    assert answer.status_code == 422
    assert "<script>alert(1)" not in answer.content.decode()
    assert not OfflineBundle.objects.exists()


def test_a_stranger_and_another_customers_colleague_find_nothing(operator: Client, estate: Estate) -> None:
    bundle = make(operator, estate.host)
    other = an_estate("Fabrikam", "DC01", "hv77.fabrikam.lab")
    for person in (people.a_stranger(), people.a_colleague(other.customer, username="carla")):
        client = signed_in(person)
        assert client.get(reverse("bundle", args=[bundle.pk])).status_code == 404
        assert client.get(reverse("offline", args=[estate.host.pk])).status_code == 404
        assert client.post(reverse("make_bundle", args=[estate.host.pk])).status_code == 404
        assert client.post(reverse("upload_output", args=[estate.host.pk])).status_code == 404


def test_a_viewer_sees_the_page_and_can_neither_make_download_nor_upload(operator: Client, estate: Estate) -> None:
    bundle = make(operator, estate.host)
    content = redirected(printed(SAID, script_of(operator, bundle)))
    viewer = signed_in(people.a_colleague(estate.customer, username="vera", role=Membership.Role.VIEWER))
    text = text_of(viewer, "offline", estate.host.pk)
    assert "need the operator role" in text
    assert reverse("bundle", args=[bundle.pk]) not in text and '<form method="post" enctype' not in text
    assert viewer.get(reverse("bundle", args=[bundle.pk])).status_code == 403
    assert viewer.post(reverse("make_bundle", args=[estate.host.pk]), {"computer_name": "HV01"}).status_code == 403
    assert upload(viewer, estate.host, content).status_code == 403  # type: ignore[attr-defined]


def test_a_used_script_is_not_handed_out_again(operator: Client, estate: Estate) -> None:
    bundle = make(operator, estate.host)
    OfflineBundle.objects.filter(pk=bundle.pk).update(used_at=bundle.created_at)
    answer = operator.get(reverse("bundle", args=[bundle.pk]), follow=True)
    assert "was uploaded already" in answer.content.decode()


def test_nobody_sees_the_pages_without_signing_in(estate: Estate) -> None:
    bundle = offline.make_bundle(None, estate.host, "HV01")
    addresses = [reverse("rights"), reverse("jea_archive"), reverse("bundle", args=[bundle.pk])]
    for address in [*addresses, reverse("offline", args=[estate.host.pk])]:
        assert Client().get(address).headers["Location"].startswith("/sign-in/")


def test_the_rights_page_shows_the_published_table(operator: Client) -> None:
    text = html.unescape(text_of(operator, "rights"))
    for level in LEVELS.values():
        assert level.title in text and level.account in text
        for loss in level.losses:
            assert loss.why in text
            assert all(f">{rule}</a>" in text for rule in loss.unknown_rules)


def test_the_archive_is_downloaded_whole_and_its_hashes_stand_on_the_page(operator: Client) -> None:
    answer = operator.get(reverse("jea_archive"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == jea_files()
    text = text_of(operator, "rights")
    assert all(hashlib.sha256(content).hexdigest() in text for content in jea_files().values())


@pytest.mark.parametrize(("level", "version", "is_said"), [
    (RightsLevel.JEA, "1.0.0", True),
    (RightsLevel.JEA, PROBE_VERSION, False),
    (RightsLevel.ADMINISTRATOR, "1.0.0", False),
])  # fmt: skip
def test_the_host_says_when_its_module_is_another_one(
    operator: Client, estate: Estate, level: str, version: str, is_said: bool
) -> None:
    Host.objects.filter(pk=estate.host.pk).update(rights_level=level, endpoint_name="FleetAudit")
    factories.was_read(estate.host, estate.run, probe_version=version)
    text = text_of(operator, "host", estate.host.pk)
    assert ("The JEA module on this host is version" in text) is is_said
    assert (f"here it is {PROBE_VERSION}" in text) is is_said
