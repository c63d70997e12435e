"""Identity before authentication: nobody hears a token before proving to be the host at the checked address."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from audits.collect.ending import Ending
from audits.collect.winrm import Secret, Target
from fleet.networks import AddressGuard, parse_networks
from simulator.faults import OffersOnlyBasic, RejectCredential, TruncatedBody
from simulator.fleet import SimulatedFleet
from tests.collect.recorder import NAME, Identity, Recorder, http, identity, recording
from tests.collect.simulated import NETWORK, PATIENT, audit, target_of

HERE, ELSEWHERE = f"{NETWORK}.251", f"{NETWORK}.252"
GOOD = identity()


def refuse(request: bytes) -> Iterator[bytes]:
    yield http(b"", "WWW-Authenticate: Negotiate", status="401 Unauthorized")


def target(recorder: Recorder, **words: Any) -> Target:
    made = Target(address=recorder.address, name=NAME, port=recorder.port, username="Administrator", deadlines=PATIENT)
    return dataclasses.replace(made, **words)


def said(ending: Ending) -> str:
    return f"{ending.outcome}/{ending.code}"


@pytest.mark.parametrize(
    ("served", "trust", "expected"),
    [
        (GOOD, {"certificate_sha256": identity().sha256}, "denied/certificate_changed"),
        (GOOD, {"certificate_sha256": "0" * 64}, "denied/certificate_changed"),
        (GOOD, {"ca_pem": identity().certificate_pem}, "denied/certificate_unknown"),
        (GOOD, {}, "denied/certificate_unknown"),
        (identity("other.example"), "itself", "denied/certificate_wrong_name"),
        (identity(days_from=-9, days_to=-1), "itself", "denied/certificate_expired"),
        (identity(days_from=1), "itself", "denied/certificate_not_yet_valid"),
    ],
    ids=["another pin", "no such pin", "another CA", "no CA", "another name", "expired", "not yet valid"],
)
def test_a_host_that_does_not_prove_itself_hears_nothing(
    served: Identity, trust: dict[str, str] | str, expected: str
) -> None:
    words = {"ca_pem": served.certificate_pem} if isinstance(trust, str) else trust
    with recording(HERE, served, refuse) as recorder:
        assert said(audit(target(recorder, **words)).ending) == expected
    assert recorder.connections == 1
    assert recorder.heard == []


@pytest.mark.parametrize("trust", [{"certificate_sha256": GOOD.sha256}, {"ca_pem": GOOD.certificate_pem}])
def test_a_host_that_proves_itself_hears_the_first_token_and_no_password(trust: dict[str, str]) -> None:
    with recording(HERE, GOOD, refuse) as recorder:
        assert said(audit(target(recorder, **trust)).ending) == "denied/auth_method_refused"
    assert len(recorder.authorizations) == 1
    assert recorder.authorizations[0].startswith(b"Authorization: Negotiate TlRMTVNTUAAB")  # NTLM, type 1


def test_a_pin_decides_instead_of_name_and_validity() -> None:
    old = identity("other.example", days_from=-9, days_to=-1)
    with recording(HERE, old, refuse) as recorder:
        ending = audit(target(recorder, certificate_sha256=old.sha256.upper())).ending
    assert said(ending) == "denied/auth_method_refused"


def test_the_presented_fingerprint_is_told_so_that_it_can_be_compared() -> None:
    with recording(HERE, GOOD, refuse) as recorder:
        ending = audit(target(recorder, certificate_sha256="0" * 64)).ending
    assert GOOD.sha256 in ending.detail


def test_dns_that_changes_after_the_check_is_not_asked_again(fleet: SimulatedFleet) -> None:
    """The host breaks off, so that cleaning up connects a second time; by then the name leads elsewhere."""
    fleet.set_faults("HV01", TruncatedBody())
    honest = target_of(fleet, "HV01")
    answers = iter([[honest.address], [ELSEWHERE]])
    guard = AddressGuard(parse_networks([f"{NETWORK}.0/24"]), allow_loopback=True, resolve=lambda name: next(answers))
    with recording(ELSEWHERE, GOOD, refuse, port=honest.port) as stranger:
        audit(dataclasses.replace(honest, address="hv01.example"), guard=guard.check)
    assert fleet.report("HV01")["connections"] == 2
    assert stranger.connections == 0


def test_an_address_that_is_not_allowed_is_not_connected_to() -> None:
    guard = AddressGuard(parse_networks(["10.0.0.0/8"]), allow_loopback=True)
    with recording(HERE, GOOD, refuse) as recorder:
        ending = audit(target(recorder, certificate_sha256=GOOD.sha256), guard=guard.check).ending
    assert said(ending) == "unreachable/address_not_allowed"
    assert recorder.connections == 0


def test_a_name_without_address_says_so() -> None:
    def resolve(name: str) -> list[str]:
        raise OSError("Name or service not known")

    guard = AddressGuard(parse_networks(["10.0.0.0/8"]), resolve=resolve)
    nowhere = Target(address="hv99.example", name="hv99.example", port=5986)
    assert said(audit(nowhere, guard=guard.check).ending) == "unreachable/name_not_resolved"


def test_a_redirect_is_not_followed() -> None:
    with recording(ELSEWHERE, GOOD, refuse) as stranger:

        def redirect(request: bytes) -> Iterator[bytes]:
            yield http(b"", f"Location: https://{ELSEWHERE}:{stranger.port}/wsman", status="307 Temporary Redirect")

        with recording(HERE, GOOD, redirect) as recorder:
            ending = audit(target(recorder, certificate_sha256=GOOD.sha256)).ending
    assert said(ending) == "unreachable/not_winrm"
    assert stranger.connections == 0


def test_a_proxy_in_the_environment_is_not_used(fleet: SimulatedFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    with recording(ELSEWHERE, None, refuse) as proxy:
        for variable in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(variable, f"http://{ELSEWHERE}:{proxy.port}")
        for name in ("HV01", "HV02"):
            assert audit(target_of(fleet, name)).ending.code is None
    assert proxy.connections == 0


@pytest.mark.parametrize("name", ["HV01", "HV02"])
def test_a_rejected_password_is_tried_once(fleet: SimulatedFleet, name: str) -> None:
    ending = audit(target_of(fleet, name), password="wrong").ending
    report = fleet.report(name)
    assert said(ending) == "denied/credential_rejected"
    assert (report["sign_in_attempts"], report["accounts"]["Administrator"]["rejected"]) == (1, 1)


@pytest.mark.parametrize("name", ["HV01", "HV02"])
def test_a_host_that_rejects_everybody_is_asked_once(fleet: SimulatedFleet, name: str) -> None:
    fleet.set_faults(name, RejectCredential())
    assert said(audit(target_of(fleet, name)).ending) == "denied/credential_rejected"
    assert fleet.report(name)["sign_in_attempts"] == 1
    assert fleet.report(name)["connections"] == 1


def test_there_is_no_falling_back_to_basic(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", OffersOnlyBasic())
    ending = audit(target_of(fleet)).ending
    assert said(ending) == "denied/auth_method_refused"
    assert "Basic" in ending.detail
    assert fleet.report("HV01")["sign_in_attempts"] == 0


def test_kerberos_without_its_packages_is_a_matter_of_configuration(fleet: SimulatedFleet) -> None:
    ending = audit(target_of(fleet, auth="kerberos")).ending
    assert said(ending) == "failed/configuration"
    assert "gssapi" in ending.detail
    assert fleet.report("HV01")["authorization_headers"] == 0


def test_a_secret_never_shows_itself() -> None:
    assert "hunter2" not in repr(Secret("hunter2"))
    assert "hunter2" not in f"{Secret('hunter2')}"
