"""Guests over the real transport: what they tell becomes one section, and nothing they do harms the host's audit."""

import base64
import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping

import pytest

from audits.collect.guest_plan import DirectGuest, GuestPlan, NetworkGuest
from audits.collect.host import Collected, collect_host
from audits.collect.probes import probe_script
from audits.collect.winrm import GuestCredential, ProbeRequest, Secret
from audits.collect.winrm.wire import Wire
from audits.judgement.evidence import Guests, HostEvidence
from audits.judgement.evidence.guests import GuestReading
from audits.judgement.words import Section, SectionStatus
from simulator import windows
from simulator.faults import DropKeyExchange, HugeOutput, OldSchema, TruncatedBase64
from simulator.fleet import SimulatedFleet
from simulator.windows_engine import WindowsEngine
from tests.collect import simulated
from tests.collect.simulated import LOOPBACK, PASSWORD, WATCHDOG, target_of

GUEST_USER, GUEST_PASSWORD = "GUEST\\admin", "Geheim! & <Ümläut> 𝕊"
CREDENTIAL = GuestCredential(GUEST_USER, Secret(GUEST_PASSWORD))
VMS = {
    "healthy": windows.Inside(),
    "dynamic": windows.Inside(dynamic_disk=True),
    "refuses": windows.Inside(behaves="refuses"),
    "refuses as well": windows.Inside(behaves="refuses"),
    "hangs": windows.Inside(behaves="hangs"),
    "floods": windows.Inside(behaves="floods"),
    "babbles": windows.Inside(behaves="babbles"),
    "lies": windows.Inside(behaves="lies"),
}
HOST = windows.host(
    "HV01",
    vms=[windows.vm(name, inside=inside) for name, inside in VMS.items()],
    guest_accounts={GUEST_USER: GUEST_PASSWORD},
)
VM_ID = {vm.name: vm.vm_id for vm in HOST.vms}
Plan = Callable[[HostEvidence], GuestPlan]


@pytest.fixture(scope="module")
def _running() -> Iterator[SimulatedFleet]:
    hosts = [
        simulated.host("HV01", engine=WindowsEngine(windows.HostSections(HOST))),
        simulated.host("HV02", engine=WindowsEngine(windows.HostSections(HOST)), scheme="http"),
    ]
    with SimulatedFleet(hosts) as fleet:
        yield fleet


@pytest.fixture
def fleet(_running: SimulatedFleet) -> SimulatedFleet:
    for name in ("HV01", "HV02"):
        _running.reset(name)
    return _running


def asking(*names: str, credential: GuestCredential = CREDENTIAL) -> Plan:
    return lambda evidence: GuestPlan(direct=tuple(DirectGuest(VM_ID[name], credential, 30) for name in names))


def audit(fleet: SimulatedFleet, plan: Plan | None, name: str = "HV01") -> Collected:
    return collect_host(
        target_of(fleet, name),
        Secret(PASSWORD),
        ProbeRequest(probe_script()),
        guard=LOOPBACK.check,
        watchdog=WATCHDOG,
        plan_guests=plan,
    )


def readings(collected: Collected) -> Mapping[str, GuestReading]:
    section = collected.evidence.guests
    assert isinstance(section, Guests)
    names = {vm_id: name for name, vm_id in VM_ID.items()}
    return {names.get(reading.vm_id, reading.vm_id): reading for reading in section.guests or ()}


def guests_section(collected: Collected) -> tuple[SectionStatus | None, str | None]:
    reading = collected.evidence.readings[Section.GUESTS]
    return reading.status, reading.reason


def test_without_access_the_section_is_skipped_and_no_keys_are_exchanged(fleet: SimulatedFleet) -> None:
    collected = audit(fleet, None)
    assert guests_section(collected) == (SectionStatus.SKIPPED, "no guest credential is set")
    assert collected.ending.outcome == "succeeded"
    assert fleet.report("HV01")["key_exchanges"] == 0


@pytest.mark.parametrize("name", ["HV01", "HV02"])
def test_a_guest_tells_what_only_it_knows(fleet: SimulatedFleet, name: str) -> None:
    collected = audit(fleet, asking("healthy", "dynamic"), name)
    told = readings(collected)
    assert collected.ending.outcome == "succeeded"
    assert [each.status for each in told.values()] == ["ok", "ok"]
    assert [[disk.is_dynamic for disk in each.disks or ()] for each in told.values()] == [[False], [True]]
    assert {each.channel for each in told.values()} == {"powershell_direct"}
    assert {service.name for service in told["healthy"].services or ()} >= {"vmicvss", "MSDTC", "VSS"}


def test_every_other_section_comes_before_a_guest_is_asked(fleet: SimulatedFleet) -> None:
    collected = audit(fleet, asking("healthy"))
    assert [str(section.section) for section in collected.sections][-1] == "guests"
    assert {section.section for section in collected.sections} == set(Section)


def test_the_plan_sees_what_the_host_has_just_said(fleet: SimulatedFleet) -> None:
    seen: list[HostEvidence] = []

    def plan(evidence: HostEvidence) -> GuestPlan:
        seen.append(evidence)
        return GuestPlan(why_none="nobody matches")

    collected = audit(fleet, plan)
    assert [len(evidence.vms.vms or ()) for evidence in seen if evidence.vms] == [len(VMS)]
    assert guests_section(collected) == (SectionStatus.SKIPPED, "nobody matches")
    assert fleet.report("HV01")["key_exchanges"] == 0, "a secret that nobody needs is not sent"


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("refuses", "denied", "PSDirectException"),
        ("hangs", "timed_out", "TimeoutException"),
        ("floods", "error", "something else than one short answer"),
        ("babbles", "error", "something else than one short answer"),
        ("lies", "error", "does not fit its schema"),
    ],
)
def test_a_guest_that_misbehaves_harms_neither_host_nor_neighbour(
    fleet: SimulatedFleet, name: str, status: str, reason: str
) -> None:
    collected = audit(fleet, asking(name, "healthy"))
    told = readings(collected)
    assert collected.ending.outcome == "succeeded"
    assert told[name].status == status
    assert reason in (told[name].reason or "")
    assert (told[name].services, told[name].disks) == (None, None)
    assert told["healthy"].status == "ok"


def test_a_credential_that_two_guests_refused_is_tried_on_no_third(fleet: SimulatedFleet) -> None:
    wrong = GuestCredential(GUEST_USER, Secret("wrong"))
    told = readings(audit(fleet, asking("healthy", "dynamic", "hangs", "lies", credential=wrong)))
    assert [each.status for each in told.values()] == ["denied", "denied", "skipped", "skipped"]


def test_two_credentials_reach_the_guests_they_are_meant_for(fleet: SimulatedFleet) -> None:
    wrong = GuestCredential("other", Secret("other"))
    plan = GuestPlan(direct=(DirectGuest(VM_ID["dynamic"], wrong, 9), DirectGuest(VM_ID["healthy"], CREDENTIAL, 9)))
    told = readings(audit(fleet, lambda evidence: plan))
    assert [(name, each.status) for name, each in told.items()] == [("dynamic", "denied"), ("healthy", "ok")]


def test_a_host_that_drops_the_key_exchange_gets_no_secret_and_is_audited_all_the_same(
    fleet: SimulatedFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audits.collect.winrm.session.KEY_EXCHANGE_SECONDS", 1)
    fleet.set_faults("HV01", DropKeyExchange())
    collected = audit(fleet, asking("healthy"))
    told = readings(collected)
    assert collected.ending.outcome == "succeeded"
    assert told["healthy"].status == "error"
    assert "did not answer the key exchange" in (told["healthy"].reason or "")
    assert fleet.report("HV01")["open_shells"] == 0


@pytest.mark.parametrize(
    "fault", [HugeOutput(megabytes=3, section="guests"), OldSchema("guests"), TruncatedBase64("guests")]
)
def test_an_unreadable_answer_about_guests_loses_only_guests(fleet: SimulatedFleet, fault: object) -> None:
    fleet.set_faults("HV01", fault)  # type: ignore[arg-type]
    collected = audit(fleet, asking("healthy"))
    assert collected.ending.outcome == "succeeded"
    assert collected.evidence.vms is not None
    assert readings(collected)["healthy"].status == "error"


def test_a_plan_that_fails_is_the_section_s_reason_and_not_the_host_s_end(fleet: SimulatedFleet) -> None:
    def plan(evidence: HostEvidence) -> GuestPlan:
        raise OSError("the key file is gone")

    collected = audit(fleet, plan)
    status, reason = guests_section(collected)
    assert collected.ending.outcome == "succeeded"
    assert status is SectionStatus.ERROR
    assert "the key file is gone" in (reason or "")


def test_guests_left_out_stand_in_the_section_with_their_reason(fleet: SimulatedFleet) -> None:
    left_out = GuestReading(vm_id=VM_ID["dynamic"], status="skipped", reason="the VM is not running")
    plan = dataclasses.replace(asking("healthy")(HostEvidence(readings={})), left_out=(left_out,))
    told = readings(audit(fleet, lambda evidence: plan))
    assert [(name, each.status) for name, each in told.items()] == [("healthy", "ok"), ("dynamic", "skipped")]


def test_what_is_said_to_the_host_holds_the_secret_in_no_clear_form(
    fleet: SimulatedFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every message before TLS or encryption, and every fragment inside it."""
    said: list[bytes] = []
    send = Wire.send

    def recorded(wire: Wire, message: bytes, **words: object) -> str:
        said.append(message)
        return send(wire, message, **words)

    monkeypatch.setattr(Wire, "send", recorded)
    assert readings(audit(fleet, asking("healthy")))["healthy"].status == "ok"
    assert any(b"rsp:Send" in message for message in said), "the public key was sent"
    plain = b"".join(said + [piece for message in said for piece in _base64_inside(message)])
    assert b"PSCredential" in plain, "the test sees inside the fragments"
    for secret in (GUEST_PASSWORD.encode(), GUEST_PASSWORD.encode("utf-16-le"), GUEST_PASSWORD.encode("utf-16-be")):
        assert secret not in plain
        for shift in range(3):  # base64 of a text looks different by where it begins
            assert base64.b64encode(bytes(shift) + secret)[4:-4] not in plain


def _base64_inside(message: bytes) -> list[bytes]:
    return [base64.b64decode(text) for text in re.findall(rb">([A-Za-z0-9+/=]{40,})<", message)]


def test_a_guest_that_is_signed_in_to_by_itself_stands_in_the_same_section() -> None:
    guest = WindowsEngine(guest_answer=windows.guest_answer(HOST.vms[1]))
    definitions = [
        simulated.host("HV01", engine=WindowsEngine(windows.HostSections(HOST))),
        simulated.host("GUEST1", accounts={GUEST_USER: GUEST_PASSWORD}, engine=guest),
        simulated.host("GUEST2", accounts={GUEST_USER: "another"}, engine=guest),
    ]
    with SimulatedFleet(definitions) as fleet:
        targets = {name: target_of(fleet, name, username=GUEST_USER) for name in ("GUEST1", "GUEST2")}
        plan = GuestPlan(
            network=(
                NetworkGuest(VM_ID["dynamic"], targets["GUEST1"], Secret(GUEST_PASSWORD)),
                NetworkGuest(VM_ID["healthy"], targets["GUEST2"], Secret(GUEST_PASSWORD)),
            )
        )
        collected = audit(fleet, lambda evidence: plan)
        told = readings(collected)
        assert collected.ending.outcome == "succeeded"
        assert (told["dynamic"].channel, told["dynamic"].status) == ("winrm", "ok")
        assert [disk.is_dynamic for disk in told["dynamic"].disks or ()] == [True]
        assert told["healthy"].status == "denied"
        assert "credential_rejected" in (told["healthy"].reason or "")
        assert fleet.report("GUEST1")["open_shells"] == 0
