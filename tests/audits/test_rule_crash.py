"""A rule that crashes, over the real wire: an `error` result, its trace in the log, and nothing else is lost."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from audits.judgement.result import Statement
from audits.judgement.rules import RULES
from audits.judgement.view import HostView, VMView
from audits.models import HostAudit, Result, Verdict
from audits.services import start_run
from simulator import windows
from tests.audits.estate import audit_all, entered_hosts

pytestmark = pytest.mark.django_db(transaction=True)


def _crash(host: HostView) -> Iterator[Statement]:
    yield from (_judge(vm) for vm in host.vms)


def _judge(vm: VMView) -> Statement:
    raise ZeroDivisionError(f"broken for {vm.subject.name}")


def test_a_crashing_rule_is_an_error_result_with_its_trace_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(RULES, "VM-ISBACKUP", structs.replace(RULES["VM-ISBACKUP"], check=_crash))
    said = [windows.host(name, vms=[windows.vm("SQL01")]) for name in ("hv01", "hv02")]
    with entered_hosts(said, tmp_path), caplog.at_level(logging.ERROR):
        run = audit_all(start_run(None))
    assert run.state == "completed"
    assert set(HostAudit.objects.values_list("state", flat=True)) == {"succeeded"}
    crashed = Result.objects.filter(rule="VM-ISBACKUP")
    assert {(row.result, row.reason) for row in crashed} == {("error", "the rule crashed: ZeroDivisionError")}
    assert Result.objects.exclude(rule="VM-ISBACKUP").filter(result="pass").exists()
    assert set(Verdict.objects.values_list("verdict", flat=True)) == {"unknown"}
    traces = [record for record in caplog.records if record.exc_info and "VM-ISBACKUP" in record.getMessage()]
    assert len(traces) == 2
    assert "broken for SQL01" in caplog.text and "in _judge" in caplog.text
