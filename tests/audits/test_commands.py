"""`audit` and `report` as a script uses them: standard output, standard error, exit codes."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audits.judgement.outcomes import Outcome
from audits.models import AuditRun, Verdict
from audits.reports.vm_verdicts import vm_verdicts_csv
from simulator import windows
from tests.audits.judged import audit_as
from tests.audits.world import a_customer, a_host, claimed, end_with

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except SystemExit as error:
        return int(error.code or 0), out.getvalue(), err.getvalue()
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Any:
    """While the command sleeps, this worker ends every waiting audit as told."""

    def work_as(outcome: Outcome, code: str | None = None) -> None:
        def work(seconds: float) -> None:
            for run_ in AuditRun.objects.filter(state__in=("queued", "running")):
                for audit in run_.host_audits.filter(state="queued").select_related("host"):
                    end_with(claimed(run_, audit.host), audit.host, outcome, code)

        monkeypatch.setattr("time.sleep", work)

    return work_as


def test_without_wait_it_prints_the_runs_id_and_ends_with_0() -> None:
    a_host()
    code, out, err = run("audit")
    assert (code, out.strip()) == (0, str(AuditRun.objects.get().pk))
    assert "All customers" in err


def test_json_without_wait_is_one_document() -> None:
    a_host()
    code, out, _ = run("audit", "--json")
    assert (code, json.loads(out)["run"]["state"]) == (0, "queued")


def test_waiting_for_hosts_that_succeed_ends_with_0(worker: Any) -> None:
    a_host()
    worker(Outcome.SUCCEEDED)
    code, out, err = run("audit", "--wait", "--json")
    assert (code, json.loads(out)["hosts"][0]["outcome"]) == (0, "succeeded")
    assert "completed: 1 succeeded" in err


def test_one_host_that_did_not_succeed_ends_with_3_and_says_why(worker: Any) -> None:
    a_host()
    worker(Outcome.PARTIAL, "section_failed")
    code, out, _ = run("audit", "--wait")
    assert code == 3
    assert out.startswith("Contoso\thv01\tpartial\tsection_failed\t")


def test_a_timeout_ends_with_3_and_the_run_goes_on(worker: Any) -> None:
    a_host()
    code, out, err = run("audit", "--wait", "--timeout", "0.001", "--json")
    assert (code, json.loads(out)["run"]["state"]) == (3, "queued")
    assert "goes on" in err


def test_an_interrupt_ends_with_130_and_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    a_host()
    monkeypatch.setattr("time.sleep", interrupt)
    code, out, err = run("audit", "--wait")
    assert (code, out) == (130, "")
    assert str(AuditRun.objects.get().pk) in err
    assert AuditRun.objects.get().is_open


def test_a_timeout_without_wait_is_a_misunderstanding() -> None:
    a_host()
    assert run("audit", "--timeout", "5")[0] == 2


def test_a_customer_and_hosts_select_what_is_audited() -> None:
    customer = a_customer("Contoso")
    a_host(customer, "hv01")
    a_host(customer, "hv02")
    a_host(a_customer("Fabrikam"), "hv03")
    run("audit", "--customer", "contoso")
    run("audit", "--host", "HV01", "--host", "hv03")
    assert [run_.host_audits.count() for run_ in AuditRun.objects.order_by("created_at")] == [2, 2]


def test_a_name_that_fits_several_hosts_ends_with_2_and_the_candidates() -> None:
    a_host(a_customer("Contoso"), "hv01")
    a_host(a_customer("Fabrikam"), "hv01")
    code, out, err = run("audit", "--host", "hv01")
    assert (code, out) == (2, "")
    assert "hv01 of Contoso" in err
    assert "hv01 of Fabrikam" in err
    assert run("audit", "--host", "hv01", "--customer", "Fabrikam")[0] == 0


@pytest.mark.parametrize("arguments", [["audit"], ["report", "vm_verdicts"]])
def test_a_name_that_fits_none_ends_with_2_and_what_is_similar(arguments: list[str]) -> None:
    a_host(name="hv0001.contoso.lab")
    code, out, err = run(*arguments, "--host", "hv0001")
    assert (code, out) == (2, "")
    assert "hv0001.contoso.lab of Contoso" in err
    assert run(*arguments, "--customer", "Nobody")[0] == 2


def test_no_host_at_all_ends_with_2() -> None:
    code, _, err = run("audit")
    assert code == 2
    assert "import_hosts" in err


def test_a_report_is_the_download_byte_for_byte() -> None:
    customer, other = a_customer("Contoso"), a_customer("Fabrikam")
    for owner, name in ((customer, "hv01"), (other, "hv02")):
        audit_as(a_host(owner, name), windows.host(name, vms=[windows.vm("SQL01", backup_service=False)]))
    code, out, _ = run("report", "vm_verdicts", "--customer", "Contoso")
    assert (code, out.encode()) == (0, b"".join(vm_verdicts_csv(Verdict.objects.filter(customer=customer))))
    assert "hv02" in run("report", "findings", "--host", "hv02")[1]
    assert "hv01" not in run("report", "findings", "--host", "hv02")[1]


def test_all_adds_what_passed() -> None:
    audit_as(a_host(), windows.host("hv01", vms=[windows.vm("SQL01")]))
    assert ",pass," not in run("report", "findings")[1]
    assert ",pass," in run("report", "findings", "--all")[1]


@pytest.mark.parametrize("command", ["audit", "report"])
def test_help_names_the_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        call_command(command, "--help")
    assert end.value.code == 0
    assert "exit codes" in capsys.readouterr().out
