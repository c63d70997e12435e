"""The ending of an audit: partial or failed, and which cause, exactly as the contract's list of causes says."""

from typing import Any

import pytest

from audits.collect.ending import EXPECTED_SECTIONS, SUCCEEDED, Ending, ending_of
from audits.collect.sections import DecodedSection, assemble, decode_section
from audits.judgement.evidence import HostEvidence
from audits.judgement.outcomes import Outcome
from audits.judgement.words import Section
from tests.collect.simulated import HEALTHY, envelope

ALL = EXPECTED_SECTIONS["administrator"]


def evidence(*, without: tuple[str, ...] = (), **changed: Any) -> HostEvidence:
    """A healthy host, with some sections never arrived and some changed: `writers={"status": "error"}`."""
    sections: list[DecodedSection] = []
    for section in Section:
        if section in without:
            continue
        words = dict(changed.get(section, {}))
        data = words.pop("data", HEALTHY.get(section, {}))
        sections.append(decode_section(envelope(section, data, **words)))
    return assemble(sections)


def failure(outcome: Outcome, code: str) -> Ending:
    return Ending(outcome, code, "what happened")


def said(ending: Ending) -> str:
    return f"{ending.outcome}/{ending.code}"


LOST = failure(Outcome.FAILED, "session_lost")
LATE = failure(Outcome.TIMED_OUT, "deadline_passed")


def test_all_sections_make_a_success() -> None:
    assert ending_of(evidence(), None, ALL) == SUCCEEDED


def test_a_skipped_section_is_never_missing() -> None:
    read = evidence(cluster={"status": "skipped", "data": None}, writers={"status": "skipped", "data": None})
    assert ending_of(read, None, ALL) == SUCCEEDED


def test_an_older_probe_that_does_not_know_the_event_witness_makes_a_success() -> None:
    read = evidence(without=("vm_events", "jobs"))
    assert ending_of(read, None, ALL) == SUCCEEDED
    assert said(ending_of(read, LOST, ALL)) == "partial/session_lost"
    refused = evidence(without=("jobs",), vm_events={"status": "denied", "data": None})
    assert said(ending_of(refused, None, ALL)) == "partial/rights_missing"


@pytest.mark.parametrize(
    ("status", "code"),
    [("error", "section_failed"), ("timed_out", "section_timed_out"), ("denied", "rights_missing")],
)
def test_a_missing_section_makes_it_partial_and_says_why(status: str, code: str) -> None:
    ending = ending_of(evidence(writers={"status": status, "reason": "vssadmin says no"}), None, ALL)
    assert said(ending) == f"partial/{code}"
    assert "writers" in ending.detail
    assert "vssadmin says no" in ending.detail


def test_a_section_that_never_arrived_failed() -> None:
    ending = ending_of(evidence(without=("volumes",)), None, ALL)
    assert said(ending) == "partial/section_failed"
    assert "volumes" in ending.detail


def test_of_several_causes_the_first_that_happened_is_taken() -> None:
    read = evidence(without=("services",), volumes={"status": "denied"}, writers={"status": "error"})
    assert said(ending_of(read, None, ALL)) == "partial/rights_missing"


def test_a_declared_lower_rights_level_does_not_miss_what_it_cannot_give() -> None:
    read = evidence(writers={"status": "denied"}, volumes={"status": "denied"}, services={"status": "denied"})
    assert ending_of(read, None, EXPECTED_SECTIONS["hyper_v"]) == SUCCEEDED
    assert said(ending_of(read, None, ALL)) == "partial/rights_missing"


def test_a_section_that_was_not_asked_for_is_not_missing() -> None:
    assert ending_of(evidence(without=("writers",)), None, ALL - {Section.WRITERS}) == SUCCEEDED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("failed/session_lost", "partial/session_lost"),
        ("timed_out/deadline_passed", "partial/deadline_passed"),
        ("timed_out/no_answer", "partial/session_lost"),
        ("failed/probe_failed", "partial/section_failed"),
        ("failed/unintelligible_answer", "partial/section_failed"),
        ("failed/answer_too_large", "failed/answer_too_large"),
        ("failed/quota_reached", "failed/quota_reached"),
    ],
)
def test_what_a_failure_is_called_after_usable_evidence(before: str, after: str) -> None:
    outcome, code = before.split("/")
    ending = ending_of(evidence(without=("writers",)), failure(Outcome(outcome), code), ALL)
    assert said(ending) == after
    assert ending.detail == "what happened"


@pytest.mark.parametrize("missing", ["identity", "vms"])
@pytest.mark.parametrize("failed", [LOST, LATE])
def test_without_identity_or_vms_a_failure_stays_what_it_is(missing: str, failed: Ending) -> None:
    assert ending_of(evidence(without=(missing,)), failed, ALL) == failed


def test_vms_that_arrived_with_an_error_are_no_usable_evidence() -> None:
    assert ending_of(evidence(vms={"status": "error"}), LOST, ALL) == LOST


def test_a_connection_that_broke_after_everything_had_arrived_changes_nothing() -> None:
    assert ending_of(evidence(), LOST, ALL) == SUCCEEDED


def test_a_cancelled_audit_is_cancelled_whatever_had_arrived() -> None:
    cancelled = failure(Outcome.CANCELLED, "cancelled_by_user")
    assert ending_of(evidence(), cancelled, ALL) == cancelled


def test_no_section_at_all_means_that_the_probe_failed() -> None:
    read = assemble([decode_section(envelope(section, None, status="error")) for section in Section])
    assert said(ending_of(read, None, ALL)) == "failed/probe_failed"
    assert said(ending_of(assemble([]), None, ALL)) == "failed/probe_failed"


NO_MODULE: dict[str, Any] = {"data": {"os_build": 20348, "product_type": 3}}
NO_VMMS: dict[str, Any] = {"data": {"services": [{"name": "WinRM"}]}}


def test_neither_module_nor_vmms_is_no_hyper_v_host() -> None:
    assert said(ending_of(evidence(identity=NO_MODULE, services=NO_VMMS), None, ALL)) == "failed/not_hyper_v"


def test_one_of_the_two_is_enough_to_be_one() -> None:
    assert ending_of(evidence(identity=NO_MODULE), None, ALL) == SUCCEEDED
    assert ending_of(evidence(services=NO_VMMS), None, ALL) == SUCCEEDED


def test_services_that_were_not_read_prove_nothing() -> None:
    read = evidence(identity=NO_MODULE, services={"status": "denied"})
    assert said(ending_of(read, None, ALL)) == "partial/rights_missing"


@pytest.mark.parametrize("build", [6001, 7601])
def test_windows_before_server_2012_is_not_supported(build: int) -> None:
    ending = ending_of(evidence(identity={"data": {"os_build": build, "product_type": 3}}), LOST, ALL)
    assert said(ending) == "failed/unsupported_windows"
    assert str(build) in ending.detail


@pytest.mark.parametrize("build", [9200, 99999])
def test_server_2012_and_anything_younger_is(build: int) -> None:
    identity = {"data": {"os_build": build, "product_type": 3, "hyper_v_module_version": "1.1"}}
    assert ending_of(evidence(identity=identity), None, ALL) == SUCCEEDED


def test_client_windows_is_audited() -> None:
    identity = {"data": {"os_build": 22631, "product_type": 1, "hyper_v_module_version": "2.0.0.0"}}
    assert ending_of(evidence(identity=identity), None, ALL) == SUCCEEDED


def test_what_the_host_said_cannot_break_the_line() -> None:
    reason = "no\r\n\x1b[31m\u202ered" + "x" * 4000
    detail = ending_of(evidence(writers={"status": "error", "reason": reason}), None, ALL).detail
    assert detail.isprintable()
    assert len(detail) <= 300


def test_a_pair_outside_the_closed_list_cannot_be_made() -> None:
    with pytest.raises(KeyError):
        Ending(Outcome.PARTIAL, "connection_refused")
