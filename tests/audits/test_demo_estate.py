"""The whole demo estate through the product: WinRM, judgement, store, JSON and CSV."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from audits.models import AuditRun, EvidenceDocument, HostAudit, Result, ResultInterval, Verdict, VerdictInterval
from audits.reports.findings import findings_csv
from audits.reports.run_json import run_json
from audits.reports.vm_verdicts import vm_verdicts_csv
from audits.services import start_run
from tests.audits.estate import audit_all, entered_estate
from tests.estate.differences import differences

pytestmark = pytest.mark.django_db(transaction=True)


def document_of(run: AuditRun) -> dict[str, Any]:
    document: dict[str, Any] = json.loads("".join(run_json(run, HostAudit.objects.all())))
    return document


def rows_of(chunks: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(chunks).decode(), newline="")))


def test_the_demo_ends_as_its_scenarios_intend_and_a_second_run_writes_nothing_new(tmp_path: Path) -> None:
    with entered_estate("demo", tmp_path):
        first = audit_all(start_run(None))
        document = document_of(first)
        assert first.state == "completed"
        assert differences(document, "demo") == []

        for_csv = {(row["host_id"], row["vm_id"]): row for row in rows_of(vm_verdicts_csv(Verdict.objects.all()))}
        in_json = {
            (host["host_id"], vm["vm_id"]): vm | {"host": host} for host in document["hosts"] for vm in host["vms"]
        }
        assert for_csv.keys() == in_json.keys()
        for key, vm in in_json.items():
            row = for_csv[key]
            for name in ("vm", "vm_state", "verdict", "verdict_vss", "verdict_wmi", "confidence", "writer_says"):
                assert row[name] == as_cell(vm[name])
            assert row["causes"] == ";".join(vm["causes"])
            assert row["host_outcome"] == vm["host"]["outcome"]
            assert row["evidence_at"] == vm["host"]["evidence_at"]
            assert row["run_id"] == vm["host"]["evidence_run_id"]

        findings = rows_of(findings_csv(Result.objects.exclude(result__in=("pass", "not_applicable"))))
        assert len(findings) == sum(len(host["findings"]) for host in document["hosts"])

        before = state_of_the_store()
        second = audit_all(start_run(None))
        assert differences(document_of(second), "demo") == []
        assert state_of_the_store() == before


def as_cell(text: str | None) -> str:
    """What a text of the JSON document reads like in the CSV."""
    return f"'{text}" if text and text[0] in "=+-@\t\r" else text or ""


def state_of_the_store() -> dict[str, Any]:
    return {
        "results": sorted(Result.objects.values_list("id", "run_id", "read_at")),
        "intervals": ResultInterval.objects.count(),
        "verdicts": sorted(Verdict.objects.values_list("virtual_machine_id", "run_id", "read_at")),
        "verdict intervals": VerdictInterval.objects.count(),
        "documents": EvidenceDocument.objects.count(),
    }
