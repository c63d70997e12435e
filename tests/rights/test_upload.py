"""Uploading what the script printed: judged and stored like a live audit, for its own host, once, by an operator."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from audits import offline
from audits.models import AuditRun, HostAudit, HostState, OfflineBundle, Result, Verdict
from audits.services import start_run
from fleet.models import Customer, Host, Membership, TrailEntry
from simulator import windows
from simulator.windows import WindowsHost
from simulator.windows.offline import printed, redirected
from tests import factories, people
from tests.audits.world import claimed

SAID = windows.host("hv01.contoso.lab", vms=[windows.vm("SQL01"), windows.vm("FS01", backup_service=False)], events=())

pytestmark = pytest.mark.django_db


@pytest.fixture
def contoso() -> Customer:
    return factories.a_customer("Contoso", backup_path="vss")


@pytest.fixture
def hv01(contoso: Customer) -> Host:
    return factories.a_host(contoso)


def bundle_for(host: Host, computer: str = "HV01") -> OfflineBundle:
    return offline.make_bundle(None, host, computer)


def output_of(bundle: OfflineBundle, said: WindowsHost = SAID, **words: object) -> bytes:
    """What the bundle's script prints on this host, redirected by Windows PowerShell 5.1."""
    return redirected(printed(said, offline.bundle_text(None, bundle), **words))  # type: ignore[arg-type]


def refusal(host: Host, content: bytes) -> str:
    runs = AuditRun.objects.count()
    with pytest.raises(offline.Refused) as caught:
        offline.take_output(None, host, content)
    assert AuditRun.objects.count() == runs
    return str(caught.value)


def test_it_is_judged_and_stored_as_a_live_audit_would(hv01: Host) -> None:
    run = offline.take_output(None, hv01, output_of(bundle_for(hv01)))
    assert run.state == "completed"
    assert HostAudit.objects.get(run=run).state == "succeeded"
    verdicts = {verdict.name: verdict.verdict for verdict in Verdict.objects.filter(host=hv01)}
    assert verdicts == {"SQL01": "live", "FS01": "saved_state"}
    assert Result.objects.filter(host=hv01, rule="VM-ISBACKUP", result="fail").count() == 1
    state = HostState.objects.get(host=hv01)
    assert (state.os_build, state.last_outcome, state.evidence_run_id) == (20348, "succeeded", run.pk)


def test_it_is_marked_with_who_uploaded_it(hv01: Host, contoso: Customer) -> None:
    operator = people.a_colleague(contoso)
    bundle = offline.make_bundle(operator, hv01, "hv01")
    run = offline.take_output(operator, hv01, output_of(bundle))
    bundle.refresh_from_db()
    assert (run.trigger, run.requested_by, run.requested_by_name) == ("uploaded", operator, "colin")
    assert (bundle.used_by, bundle.used_by_name, bundle.run_id) == (operator, "colin", run.pk)


def test_its_age_is_the_time_of_the_reading_by_the_hosts_clock(hv01: Host) -> None:
    bundle = bundle_for(hv01)
    OfflineBundle.objects.filter(pk=bundle.pk).update(created_at=timezone.now() - timedelta(hours=30))
    read_at = timezone.now().replace(microsecond=0) - timedelta(hours=26)
    offline.take_output(None, hv01, output_of(bundle, now=read_at))
    assert HostState.objects.get(host=hv01).evidence_at == read_at
    assert Verdict.objects.filter(host=hv01, read_at=read_at).count() == 2


def test_making_downloading_and_uploading_stand_in_the_trail(hv01: Host, contoso: Customer) -> None:
    operator = people.a_colleague(contoso)
    bundle = offline.make_bundle(operator, hv01, "HV01")
    offline.bundle_text(operator, bundle)
    offline.take_output(operator, hv01, output_of(bundle))
    actions = [entry.action for entry in TrailEntry.objects.filter(actor=operator).order_by("id")]
    assert actions == ["offline bundle made", "offline bundle downloaded", "evidence uploaded"]


def test_a_second_upload_is_refused_and_names_the_first(hv01: Host) -> None:
    content = output_of(bundle_for(hv01))
    offline.take_output(None, hv01, content)
    assert "was uploaded on" in refusal(hv01, content)
    assert "by command line" in refusal(hv01, content)


def test_another_hosts_output_is_refused_and_says_whose_it_is(hv01: Host, contoso: Customer) -> None:
    hv02 = factories.a_host(contoso, "hv02.contoso.lab")
    content = output_of(bundle_for(hv01))
    assert "This output is of hv01.contoso.lab of Contoso: upload it there" in refusal(hv02, content)
    offline.take_output(None, hv01, content)  # and is still good there


def test_another_customers_output_is_refused_without_naming_them(hv01: Host) -> None:
    fabrikam = factories.a_customer("Fabrikam")
    theirs = factories.a_host(fabrikam, "hv01.contoso.lab")
    content = output_of(bundle_for(hv01))
    with pytest.raises(offline.Refused) as caught:
        offline.take_output(people.a_colleague(fabrikam), theirs, content)
    assert "No script that was made for" in str(caught.value)
    assert "Contoso" not in str(caught.value)


def test_an_expired_script_is_refused(hv01: Host) -> None:
    bundle = bundle_for(hv01)
    content = output_of(bundle)
    OfflineBundle.objects.filter(pk=bundle.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    bundle.refresh_from_db()
    assert "The script expired on" in refusal(hv01, content)
    with pytest.raises(offline.Refused, match="expired"):
        offline.bundle_text(None, bundle)


def test_a_script_is_good_for_fourteen_days(hv01: Host) -> None:
    bundle = bundle_for(hv01)
    assert bundle.expires_at - bundle.created_at == timedelta(days=14)


def test_an_invented_nonce_is_refused(hv01: Host) -> None:
    bundle = bundle_for(hv01)
    script = re.sub(r"\$Nonce = '[0-9a-f]+'", f"$Nonce = '{'ab' * 32}'", offline.bundle_text(None, bundle))
    assert "No script that was made for hv01.contoso.lab" in refusal(hv01, redirected(printed(SAID, script)))


def test_the_nonce_is_nowhere_in_the_database(hv01: Host) -> None:
    bundle = bundle_for(hv01)
    found = re.search(r"\$Nonce = '([0-9a-f]{64})'", offline.bundle_text(None, bundle))
    assert found is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(bundle)::text FROM audits_offlinebundle bundle")
        assert found.group(1) not in cursor.fetchone()[0]


def test_another_computer_is_refused_and_named(hv01: Host) -> None:
    content = output_of(bundle_for(hv01), windows.host("hv09.contoso.lab"))
    assert "was made for the computer HV01 and ran on HV09" in refusal(hv01, content)


def test_a_computer_that_says_two_names_is_refused(hv01: Host) -> None:
    said = windows.host("hv01.contoso.lab", reports={"identity": {"computer_name": "HV77"}})
    assert "ran on HV01 / HV77" in refusal(hv01, output_of(bundle_for(hv01), said))


def test_another_machine_of_that_name_is_refused_unless_it_was_reinstalled(hv01: Host) -> None:
    offline.take_output(None, hv01, output_of(bundle_for(hv01), machine_guid="one"))
    HostState.objects.filter(host=hv01).update(evidence_at=timezone.now() - timedelta(hours=1))
    content = output_of(bundle_for(hv01), machine_guid="two")
    assert "Another machine named HV01" in refusal(hv01, content)
    offline.take_output(None, hv01, content, reinstalled=True)


CLOCKS: dict[str, tuple[timedelta, str]] = {
    "before the script was made": (timedelta(hours=-3), "before the script was made"),
    "in the future": (timedelta(hours=3), "in the future"),
}


@pytest.mark.parametrize(("off", "said"), CLOCKS.values(), ids=CLOCKS.keys())
def test_a_clock_that_cannot_be_right_is_refused(hv01: Host, off: timedelta, said: str) -> None:
    assert said in refusal(hv01, output_of(bundle_for(hv01), now=timezone.now() + off))


def test_a_clock_that_is_minutes_off_is_no_reason(hv01: Host) -> None:
    offline.take_output(None, hv01, output_of(bundle_for(hv01), now=timezone.now() + timedelta(minutes=8)))
    evidence_at = HostState.objects.get(host=hv01).evidence_at
    assert evidence_at is not None
    assert evidence_at <= timezone.now()  # nothing is ever dated in the future


def test_what_is_older_than_what_is_stored_is_refused(hv01: Host) -> None:
    content = output_of(bundle_for(hv01))
    factories.was_read(hv01, at=timezone.now() + timedelta(seconds=2))
    assert "after this script ran on it" in refusal(hv01, content)


def test_a_refused_output_leaves_the_script_good(hv01: Host) -> None:
    bundle = bundle_for(hv01)
    refusal(hv01, output_of(bundle, now=timezone.now() - timedelta(days=2)))
    bundle.refresh_from_db()
    assert bundle.used_at is None
    offline.take_output(None, hv01, output_of(bundle))


def test_a_host_that_is_being_audited_takes_no_upload(hv01: Host) -> None:
    content = output_of(bundle_for(hv01))
    claimed(start_run(None, hosts=[hv01]), hv01)
    assert "is being audited" in refusal(hv01, content)
    assert OfflineBundle.objects.get().used_at is None


def test_an_account_without_rights_makes_it_partial(hv01: Host) -> None:
    said = windows.host("hv01.contoso.lab", rights="hyper_v", vms=[windows.vm("SQL01")])
    run = offline.take_output(None, hv01, output_of(bundle_for(hv01), said))
    audit = HostAudit.objects.get(run=run)
    assert (audit.state, audit.cause) == ("partial", "rights_missing")


def test_an_upload_neither_opens_nor_closes_a_breaker(hv01: Host) -> None:
    factories.was_read(hv01, at=timezone.now() - timedelta(days=1), failures_in_a_row=4, last_outcome="unreachable")
    offline.take_output(None, hv01, output_of(bundle_for(hv01)))
    assert HostState.objects.get(host=hv01).failures_in_a_row == 4


def test_only_an_operator_of_the_customer_may(hv01: Host, contoso: Customer) -> None:
    bundle = bundle_for(hv01)
    content = output_of(bundle)
    for person in (people.a_stranger(), people.a_colleague(contoso, role=Membership.Role.VIEWER)):
        acts: list[Callable[[], object]] = [
            lambda person=person: offline.make_bundle(person, hv01, "HV01"),  # type: ignore[misc]
            lambda person=person: offline.bundle_text(person, bundle),  # type: ignore[misc]
            lambda person=person: offline.take_output(person, hv01, content),  # type: ignore[misc]
        ]
        for act in acts:
            with pytest.raises(PermissionDenied):
                act()


@pytest.mark.parametrize("name", ["", "hv 01", "hv01'; Stop-VM", "x" * 64, "hü01", "hv01.contoso.lab"])
def test_a_computer_name_that_is_none_makes_no_script(hv01: Host, name: str) -> None:
    with pytest.raises(offline.Refused, match="as `hostname` prints it"):
        offline.make_bundle(None, hv01, name)


def test_the_computer_name_is_offered_as_the_host_said_it_or_from_its_name(contoso: Customer) -> None:
    named = factories.a_host(contoso, "hv03.contoso.lab")
    labelled = factories.a_host(contoso, "Hypervisor in Berlin")
    read = factories.a_host(contoso, "cluster head")
    factories.was_read(read, sections=factories.evidence(identity={"computer_name": "HV-BERLIN-1"}))
    assert [offline.computer_name_of(host) for host in (named, labelled, read)] == ["HV03", "", "HV-BERLIN-1"]


def test_a_script_of_an_earlier_version_is_not_handed_out(hv01: Host) -> None:
    bundle = bundle_for(hv01)
    bundle.script_sha256 = "0" * 64
    with pytest.raises(offline.Refused, match="Make a new one"):
        offline.bundle_text(None, bundle)


def load(path: Path, content: bytes, *arguments: str) -> None:
    path.write_bytes(content)
    call_command("load_bundle", str(path), "--host", "hv01.contoso.lab", *arguments)


def test_the_command_stores_it_and_prints_the_run(
    hv01: Host, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(tmp_path / "out.txt", output_of(bundle_for(hv01)))
    run = AuditRun.objects.get()
    assert capsys.readouterr().out.split() == [str(run.pk), "hv01.contoso.lab", "succeeded"]
    assert run.requested_by_name == "command line"


def test_the_command_ends_with_2_when_it_is_refused(hv01: Host, tmp_path: Path) -> None:
    for content in (b"nonsense", b"x" * (9 * 1024 * 1024)):
        with pytest.raises(CommandError, match="Nothing was stored") as caught:
            load(tmp_path / "out.txt", content)
        assert caught.value.returncode == 2
    with pytest.raises(CommandError, match="cannot be read") as caught:
        call_command("load_bundle", str(tmp_path / "none.txt"), "--host", "hv01.contoso.lab")
    assert caught.value.returncode == 2


def test_the_command_ends_with_3_when_the_host_did_not_succeed(hv01: Host, tmp_path: Path) -> None:
    said = windows.host("hv01.contoso.lab", rights="hyper_v", vms=[windows.vm("SQL01")])
    with pytest.raises(CommandError, match="rights_missing") as caught:
        load(tmp_path / "out.txt", output_of(bundle_for(hv01), said))
    assert caught.value.returncode == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_uploads_at_once_one_wins() -> None:
    host = factories.a_host(factories.a_customer("Contoso"))
    content = output_of(bundle_for(host))

    def once() -> str:
        try:
            return f"stored {offline.take_output(None, host, content).pk}"
        except offline.Refused as refused:
            return str(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = [each.result() for each in [pool.submit(once) for _ in range(4)]]
    assert sum(answer.startswith("stored") for answer in answers) == 1
    assert AuditRun.objects.count() == 1
