"""The transport against simulated hosts: evidence from healthy ones, one cause from each sick one, no shell left."""

import dataclasses
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from audits.collect.ending import Ending
from audits.collect.sections import DecodedSection
from audits.collect.winrm import Deadlines
from audits.judgement.evidence import VMs
from audits.judgement.words import Section
from simulator import faults
from simulator.faults import Fault
from simulator.fleet import SimulatedFleet
from tests.collect.recorder import identity
from tests.collect.simulated import PASSWORD, REQUEST, USER, audit, certificate_of, host, target_of

# Long enough for a healthy host on a busy machine, short enough to wait for where waiting is the point.
IMPATIENT = Deadlines(
    soft_seconds=2, hard_seconds=3.5, connect_seconds=1, answer_seconds=1.5, poll_seconds=1, cleanup_seconds=1
)
BOTH = pytest.mark.parametrize("name", ["HV01", "HV02"], ids=["https", "http"])


def said(ending: Ending) -> str:
    return f"{ending.outcome}/{ending.code}"


# --- healthy hosts --------------------------------------------------------------------------------------------


@BOTH
def test_a_healthy_host_gives_every_section_over_one_connection_and_one_shell(fleet: SimulatedFleet, name: str) -> None:
    collected = audit(target_of(fleet, name))
    assert collected.ending.code is None
    assert [section.section for section in collected.sections] == list(REQUEST.sections)
    assert isinstance(collected.evidence.vms, VMs)
    assert len(collected.evidence.vms.vms or ()) == 50
    report = fleet.report(name)
    assert (report["connections"], report["sign_in_attempts"], report["pipelines"]) == (1, 1, 1)
    assert (report["shells_created"], report["shells_deleted"], report["open_shells"]) == (1, 1, 0)


def test_a_host_is_trusted_by_its_ca_and_name(fleet: SimulatedFleet) -> None:
    trusted = target_of(fleet, certificate_sha256="", ca_pem=certificate_of(fleet))
    assert audit(trusted).ending.code is None


def test_only_the_sections_that_were_asked_for_are_read(fleet: SimulatedFleet) -> None:
    request = dataclasses.replace(REQUEST, sections=(Section.IDENTITY, Section.VMS))
    collected = audit(target_of(fleet), request=request)
    assert collected.ending.code is None
    assert [section.section for section in collected.sections] == [Section.IDENTITY, Section.VMS]


def test_a_client_certificate_signs_in() -> None:
    mine = identity("auditor")
    with SimulatedFleet([host("HV03", client_certificates={mine.certificate_pem: USER})]) as fleet:
        target = target_of(fleet, "HV03", auth="certificate")
        assert audit(target, password=mine.certificate_pem + mine.key_pem).ending.code is None
        other = identity("stranger")
        refused = audit(target, password=other.certificate_pem + other.key_pem).ending
        assert said(refused) in ("denied/credential_rejected", "unreachable/tls_refused")
        assert said(audit(target, password="no PEM").ending) == "failed/configuration"
        assert fleet.report("HV03")["open_shells"] == 0


def test_a_client_certificate_needs_https(fleet: SimulatedFleet) -> None:
    assert said(audit(target_of(fleet, "HV02", auth="certificate")).ending) == "failed/configuration"


def test_an_account_may_be_written_with_its_machine(fleet: SimulatedFleet) -> None:
    assert audit(target_of(fleet, username=f"HV01\\{USER}")).ending.code is None


def test_powershell_2_is_not_supported() -> None:
    with SimulatedFleet([host("HV08", protocol_version="2.1")]) as fleet:
        assert said(audit(target_of(fleet, "HV08")).ending) == "failed/unsupported_windows"
        assert fleet.report("HV08")["open_shells"] == 0


def test_a_ca_that_is_none_is_a_matter_of_configuration(fleet: SimulatedFleet) -> None:
    broken = target_of(fleet, certificate_sha256="", ca_pem="-----BEGIN CERTIFICATE-----\nno\n")
    assert said(audit(broken).ending) == "failed/configuration"


def test_a_host_whose_firewall_drops_us_times_out(fleet: SimulatedFleet) -> None:
    """With its queue full, Linux drops further SYNs to a port, as a firewall does."""
    address = target_of(fleet).address.rsplit(".", 1)[0] + ".254"
    with socket.create_server((address, 0), backlog=0) as full, ExitStack() as waiting:
        port = full.getsockname()[1]
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex((address, port))
        target = target_of(fleet, address=address, port=port, deadlines=IMPATIENT)
        assert said(audit(target).ending) == "unreachable/connect_timed_out"


def test_the_next_address_of_a_name_is_tried_when_one_refuses(fleet: SimulatedFleet) -> None:
    target = target_of(fleet)
    closed = target.address.rsplit(".", 1)[0] + ".253"
    assert audit(target, guard=lambda address: (closed, address)).ending.code is None


# --- sick hosts -----------------------------------------------------------------------------------------------

PROMPT: list[tuple[Fault, str, str]] = [
    (faults.Down(), "unreachable/connection_refused", "both"),
    (faults.SpeaksHttp(), "unreachable/wrong_protocol", "HV01"),
    (faults.SpeaksHttps(), "unreachable/wrong_protocol", "HV02"),
    (faults.OldTls(), "unreachable/tls_refused", "HV01"),
    (faults.CertificateChanged(), "denied/certificate_changed", "HV01"),
    (faults.RejectCredential(), "denied/credential_rejected", "both"),
    (faults.OffersOnlyKerberos(), "denied/auth_method_refused", "both"),
    (faults.OffersOnlyBasic(), "denied/auth_method_refused", "both"),
    (faults.NotWinrm(404), "unreachable/not_winrm", "both"),
    (faults.NotWinrm(503), "unreachable/not_winrm", "both"),
    (faults.CaptivePortal(), "unreachable/not_winrm", "both"),
    (faults.WrongRelatesTo(), "unreachable/not_winrm", "both"),
    (faults.AccessDenied(), "denied/access_denied", "both"),
    (faults.EndpointMissing(), "denied/endpoint_missing", "both"),
    (faults.QuotaReached("shells_per_user"), "failed/quota_reached", "both"),
    (faults.QuotaReached("operations_per_user"), "failed/quota_reached", "both"),
    (faults.QuotaReached("load"), "failed/quota_reached", "both"),
    (faults.QuotaReached("users"), "failed/quota_reached", "both"),
    (faults.QuotaReached("commands_per_shell"), "failed/quota_reached", "both"),
    (faults.GarbageXml(), "failed/unintelligible_answer", "both"),
    (faults.TruncatedBody(), "failed/session_lost", "both"),
    (faults.BreakOff(2, "rst"), "failed/session_lost", "both"),
    (faults.BreakOff(2, "fin"), "failed/session_lost", "both"),
    (faults.BreakOff(6, "rst"), "partial/session_lost", "both"),
    (faults.BreakOff(6, "fin"), "partial/session_lost", "both"),
    (faults.ShellGone(2), "failed/session_lost", "both"),
    (faults.ShellGone(6), "partial/session_lost", "both"),
    (faults.HugeOutput(3), "failed/answer_too_large", "both"),
    (faults.HugeOutput(20), "failed/answer_too_large", "both"),
    (faults.NotJson(), "failed/unintelligible_answer", "both"),
    (faults.NotJson("vms"), "failed/unintelligible_answer", "HV01"),
    (faults.NotJson("volumes"), "partial/section_failed", "HV01"),
    (faults.TruncatedBase64("volumes"), "partial/section_failed", "HV01"),
    (faults.OldSchema(), "failed/unintelligible_answer", "HV01"),
    (faults.OldSchema("writers"), "partial/section_failed", "HV01"),
    (faults.ScriptThrows(0), "failed/probe_failed", "both"),
    (faults.ScriptThrows(6), "partial/section_failed", "both"),
    (faults.NonTerminatingErrors(3), "succeeded/None", "both"),
    (faults.WrongClock(), "succeeded/None", "both"),
    (faults.ConnectionClose(), "succeeded/None", "HV01"),
    (faults.ConnectionClose(), "failed/session_lost", "HV02"),  # NTLM does not survive it where messages are encrypted
]
SLOW: list[tuple[Fault, str, str]] = [
    (faults.BlackHole(), "timed_out/no_answer", "both"),
    (faults.HangInReceive(0), "timed_out/no_answer", "both"),
    (faults.HangInReceive(6), "partial/session_lost", "both"),
    (faults.HangingScript(0), "timed_out/deadline_passed", "both"),
    (faults.HangingScript(6), "partial/deadline_passed", "both"),
    (faults.Drip(), "timed_out/deadline_passed", "both"),
]


def on_each_host(cases: list[tuple[Fault, str, str]]) -> list[object]:
    return [
        pytest.param(name, fault, expected, id=f"{name} {fault.name()} {expected}")
        for fault, expected, where in cases
        for name in ("HV01", "HV02")
        if where in ("both", name)
    ]


@pytest.mark.parametrize(("name", "fault", "expected"), on_each_host(PROMPT))
def test_each_fault_ends_in_its_cause_and_leaves_no_shell(
    fleet: SimulatedFleet, name: str, fault: Fault, expected: str
) -> None:
    target = target_of(fleet, name)
    fleet.set_faults(name, fault)
    ending = audit(target).ending
    assert said(ending) == expected, ending.detail
    assert fleet.report(name)["open_shells"] == 0


@pytest.mark.parametrize(("name", "fault", "expected"), on_each_host(SLOW))
def test_a_host_that_never_finishes_is_left_in_time_and_without_a_shell(
    fleet: SimulatedFleet, name: str, fault: Fault, expected: str
) -> None:
    target = target_of(fleet, name, deadlines=IMPATIENT)
    fleet.set_faults(name, fault)
    ending = audit(target).ending
    assert said(ending) == expected, ending.detail
    assert fleet.report(name)["open_shells"] == 0


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (faults.CertificateExpired(), "denied/certificate_expired"),
        (faults.CertificateNotYetValid(), "denied/certificate_not_yet_valid"),
        (faults.CertificateWrongName(), "denied/certificate_wrong_name"),
    ],
)
def test_each_thing_wrong_with_a_certificate_is_told_apart(fleet: SimulatedFleet, fault: Fault, expected: str) -> None:
    fleet.set_faults("HV01", fault)
    trusted = target_of(fleet, certificate_sha256="", ca_pem=certificate_of(fleet))
    assert said(audit(trusted).ending) == expected
    assert fleet.report("HV01")["authorization_headers"] == 0


def test_sections_that_arrived_before_the_end_are_kept(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.BreakOff(6))
    collected = audit(target_of(fleet))
    assert [section.section for section in collected.sections] == list(REQUEST.sections)[:6]
    assert collected.evidence.vms is not None


def test_a_script_error_is_told_with_its_sentence(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.ScriptThrows(0, message="language mode"))
    assert "language mode" in audit(target_of(fleet)).ending.detail


# --- between the host and its caller --------------------------------------------------------------------------


def test_sections_are_handed_over_as_they_arrive(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.HangingScript(3))
    seen: list[Section] = []
    waiting = threading.Event()

    def on_section(section: DecodedSection) -> None:
        seen.append(section.section)
        if len(seen) == 3:
            waiting.set()

    collected = audit(target_of(fleet), on_section=on_section, should_stop=waiting.is_set)
    assert seen == list(REQUEST.sections)[:3]
    assert said(collected.ending) == "cancelled/cancelled_by_user"
    assert fleet.report("HV01")["open_shells"] == 0


@BOTH
def test_a_cancelled_audit_stops_the_script_and_deletes_its_shell(fleet: SimulatedFleet, name: str) -> None:
    fleet.set_faults(name, faults.HangingScript(1))
    arrived = threading.Event()
    collected = audit(target_of(fleet, name), on_section=lambda section: arrived.set(), should_stop=arrived.is_set)
    assert said(collected.ending) == "cancelled/cancelled_by_user"
    assert fleet.report(name)["open_shells"] == 0


def test_an_audit_that_is_cancelled_before_it_begins_contacts_nobody(fleet: SimulatedFleet) -> None:
    assert said(audit(target_of(fleet), should_stop=lambda: True).ending) == "cancelled/cancelled_by_user"
    assert fleet.report("HV01")["connections"] == 0


@pytest.mark.parametrize("where", ["on_section", "should_stop"])
def test_what_the_caller_raises_comes_out_and_the_shell_is_deleted(fleet: SimulatedFleet, where: str) -> None:
    class StoreIsGone(Exception):
        pass

    arrived = threading.Event()

    def on_section(section: DecodedSection) -> None:
        arrived.set()
        if where == "on_section":
            raise StoreIsGone

    def should_stop() -> bool:
        if where == "should_stop" and arrived.is_set():
            raise StoreIsGone
        return False

    with pytest.raises(StoreIsGone):
        audit(target_of(fleet), on_section=on_section, should_stop=should_stop)
    assert fleet.report("HV01")["open_shells"] == 0


def test_bad_hosts_do_not_disturb_the_others() -> None:
    bad: list[Fault] = [
        faults.Down(),
        faults.BlackHole(),
        faults.Drip(),
        faults.RejectCredential(),
        faults.GarbageXml(),
        faults.HugeOutput(20),
        faults.BreakOff(2),
        faults.HangInReceive(2),
    ]
    hosts = [host(f"HV{number:02}") for number in range(20)]
    with SimulatedFleet(hosts) as fleet:
        targets = [target_of(fleet, each.name) for each in hosts]
        for number, fault in enumerate(bad):
            targets[number] = dataclasses.replace(targets[number], deadlines=IMPATIENT)
            fleet.set_faults(hosts[number].name, fault)
        before = threading.active_count()
        with ThreadPoolExecutor(20) as pool:
            endings = [collected.ending for collected in pool.map(audit, targets)]
            assert threading.active_count() <= before + 20 + 1, "a watchdog for all, not one for each"
        assert all(ending.code is not None for ending in endings[: len(bad)])
        assert [ending.code for ending in endings[len(bad) :]] == [None] * 12
        assert [fleet.report(each.name)["open_shells"] for each in hosts] == [0] * 20


def test_a_host_that_recovered_is_audited_again(fleet: SimulatedFleet) -> None:
    target = target_of(fleet)
    fleet.set_faults("HV01", faults.BreakOff(1))
    assert audit(target).ending.code == "session_lost"
    fleet.set_faults("HV01")
    assert audit(target).ending.code is None


def test_the_secret_is_in_nothing_that_comes_back(fleet: SimulatedFleet, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    attempts: list[Callable[[], object]] = [
        lambda: audit(target_of(fleet)),
        lambda: audit(target_of(fleet, "HV02")),
        lambda: audit(target_of(fleet, auth="kerberos")),
    ]
    for attempt in attempts:
        assert PASSWORD not in repr(attempt())
    assert PASSWORD not in caplog.text
