"""Every fault, as a client sees it; a test at the end holds that none was forgotten."""

from __future__ import annotations

import json
import re
import ssl
import warnings
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from pypsrp.exceptions import AuthenticationError, WinRMError, WinRMTransportError, WSManFaultError
from pypsrp.powershell import PowerShell

from simulator import faults
from simulator.engine import host_now
from simulator.faults import Fault
from simulator.fleet import SimulatedFleet
from simulator.windows_engine import WindowsEngine
from tests.simulator.clients import Sections, begin_probe, decode, host, opened, probe, run, wsman

GONE, TIMED_OUT = 2150858843, 2150858793


@pytest.fixture
def http_fleet() -> Iterator[SimulatedFleet]:
    with SimulatedFleet([host(scheme="http")]) as running:
        yield running


def _chain(error: BaseException) -> list[BaseException]:
    """An error with everything that caused it, wherever it is kept."""
    found: list[BaseException] = []
    pending: list[object] = [error]
    while pending:
        each = pending.pop()
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            pending += [each.__cause__, each.__context__, *each.args, getattr(each, "reason", None)]
    return found


def _tls_reason(fleet: SimulatedFleet, **words: Any) -> str:
    with pytest.raises(requests.exceptions.SSLError) as error:
        run(fleet, "hostname", **words)
    verification = [each for each in _chain(error.value) if isinstance(each, ssl.SSLCertVerificationError)]
    return verification[0].verify_message if verification else str(error.value)


# --- before any request


def test_a_host_that_is_down_refuses_and_comes_back_on_the_same_port(fleet: SimulatedFleet) -> None:
    port = fleet.port("HV01")
    fleet.set_faults("HV01", faults.Down())
    with pytest.raises(requests.exceptions.ConnectionError) as error:
        run(fleet, "hostname")
    assert any(isinstance(each, ConnectionRefusedError) for each in _chain(error.value))
    fleet.set_faults("HV01")
    assert run(fleet, "hostname").output == ["HV01"]
    assert fleet.port("HV01") == port


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_black_hole_accepts_and_never_answers(scheme: str) -> None:
    with SimulatedFleet([host(scheme=scheme, faults=(faults.BlackHole(),))]) as fleet:
        with pytest.raises((requests.exceptions.ReadTimeout, requests.exceptions.ConnectTimeout)):
            run(fleet, "hostname", read_timeout=1, connection_timeout=1)
        assert fleet.report("HV01")["connections"] == 1


def test_dropped_connection_attempts_run_into_the_connect_deadline_until_healed(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.DropsConnections())
    with pytest.raises(requests.exceptions.ConnectTimeout):
        run(fleet, "hostname", connection_timeout=1)
    assert fleet.report("HV01")["connections"] == 0
    fleet.set_faults("HV01")
    assert run(fleet, "hostname").output == ["HV01"]


def test_http_on_the_tls_port_is_a_wrong_version_number(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.SpeaksHttp())
    assert "WRONG_VERSION_NUMBER" in _tls_reason(fleet)


def test_tls_on_the_http_port_closes_the_connection(http_fleet: SimulatedFleet) -> None:
    http_fleet.set_faults("HV01", faults.SpeaksHttps())
    with pytest.raises(requests.exceptions.ConnectionError):
        run(http_fleet, "hostname")


def test_old_tls_is_refused_by_the_client(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.OldTls())
    reason = _tls_reason(fleet)
    assert "VERSION" in reason.upper() or "EOF" in reason.upper()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (faults.CertificateExpired(), "certificate has expired"),
        (faults.CertificateNotYetValid(), "certificate is not yet valid"),
        (faults.CertificateWrongName(), "mismatch"),
    ],
)
def test_a_bad_certificate_is_named_and_no_authorization_is_seen(fault: Fault, message: str) -> None:
    with SimulatedFleet([host(certificate="estate_ca", faults=(fault,))]) as fleet:
        assert message in _tls_reason(fleet, cert_validation=str(fleet.ca_path))
        assert fleet.report("HV01")["authorization_headers"] == 0


def test_a_changed_certificate_fits_no_pin_and_may_be_changed_while_running(fleet: SimulatedFleet) -> None:
    pinned = str(fleet.certificate_path("HV01"))
    before = fleet.report("HV01")["fingerprint"]
    fleet.set_faults("HV01", faults.CertificateChanged())
    assert fleet.report("HV01")["fingerprint"] != before
    assert _tls_reason(fleet, cert_validation=pinned) == "self-signed certificate"
    assert run(fleet, "hostname").output == ["HV01"]  # whoever trusts the new one gets in


def test_an_unknown_issuer_is_named(fleet: SimulatedFleet) -> None:
    assert "self-signed certificate" in _tls_reason(fleet, cert_validation=True)


def test_certificates_outlive_a_restart(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        with SimulatedFleet([host(certificate="estate_ca")], tmp_path) as fleet:
            seen.append((fleet.report("HV01")["fingerprint"], fleet.ca_path.read_bytes()))
    assert seen[0] == seen[1]
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "certificates").iterdir()} == {0}


# --- signing in


def test_a_rejected_credential_is_counted_against_the_account(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.RejectCredential())
    with pytest.raises(AuthenticationError):
        run(fleet, "hostname")
    report = fleet.report("HV01")
    assert (report["sign_in_attempts"], report["accounts"]["Administrator"]["rejected_in_a_row"]) == (1, 1)


def test_only_kerberos_is_incompatible_with_ntlm(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.OffersOnlyKerberos())
    with pytest.raises(ValueError, match="Kerberos"):
        run(fleet, "hostname")
    assert fleet.report("HV01")["authorization_headers"] == 0


def test_only_basic_is_no_method_for_ntlm(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.OffersOnlyBasic())
    with pytest.raises(AuthenticationError, match="did not response with one of"):
        run(fleet, "hostname")
    assert fleet.report("HV01")["authorization_headers"] == 0


# --- something else answers


@pytest.mark.parametrize("status", [404, 503])
def test_an_error_page_of_http_sys_is_an_http_error(fleet: SimulatedFleet, status: int) -> None:
    fleet.set_faults("HV01", faults.NotWinrm(status))
    with pytest.raises(WinRMTransportError) as error:
        run(fleet, "hostname")
    assert error.value.code == status


@pytest.mark.parametrize("status", [404, 503])
def test_a_well_formed_error_page_is_a_fault_without_a_code(fleet: SimulatedFleet, status: int) -> None:
    fleet.set_faults("HV01", faults.NotWinrm(status, well_formed=True))
    with pytest.raises(WSManFaultError) as error:
        run(fleet, "hostname")
    assert error.value.code is None
    assert getattr(error.value.__context__, "code", None) == status


def test_a_captive_portal_answers_something_unrelated(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.CaptivePortal())
    with pytest.raises(WinRMError, match="related id does not match"):
        run(fleet, "hostname")


# --- WS-Man refuses


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (faults.AccessDenied(), 5),
        (faults.EndpointMissing(), 2150858752),
        (faults.QuotaReached("shells_per_user"), 2150859173),
        (faults.QuotaReached("operations_per_user"), 2150859174),
        (faults.QuotaReached("load"), 2150859175),
        (faults.QuotaReached("users"), 2150859179),
        (faults.QuotaReached("commands_per_shell"), 2150859241),
    ],
)
def test_a_refusal_is_a_fault_with_its_code(fleet: SimulatedFleet, fault: Fault, code: int) -> None:
    fleet.set_faults("HV01", fault)
    with pytest.raises(WSManFaultError) as error:
        run(fleet, "hostname")
    assert error.value.code == code
    assert fleet.report("HV01")["open_shells"] == 0


# --- answers that are not what they should be


def test_a_wrong_relates_to_is_noticed(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.WrongRelatesTo())
    with pytest.raises(WinRMError, match="related id does not match"):
        run(fleet, "hostname")


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_garbage_does_not_parse(scheme: str) -> None:
    garbled = host(scheme=scheme, faults=(faults.GarbageXml(),))
    with SimulatedFleet([garbled]) as fleet, pytest.raises((ElementTree.ParseError, UnicodeDecodeError)):
        run(fleet, "hostname")


def test_a_truncated_body_is_a_broken_answer(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.TruncatedBody())
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        run(fleet, "hostname")


def test_https_survives_a_connection_that_is_closed_after_every_answer(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.ConnectionClose())
    assert run(fleet, "hostname").output == ["HV01"]
    report = fleet.report("HV01")
    assert report["connections"] > 5
    assert report["open_shells"] == 0


def test_encrypted_http_does_not_survive_a_connection_that_is_closed(http_fleet: SimulatedFleet) -> None:
    http_fleet.set_faults("HV01", faults.ConnectionClose())
    with pytest.raises(WinRMTransportError) as error:  # sealed for a context that died with the connection
        run(http_fleet, "hostname")
    assert error.value.code == 400


def test_dripping_bytes_keep_every_single_read_alive(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.Drip(bytes_per_second=20_000))
    assert run(fleet, "hostname", read_timeout=1).output == ["HV01"]


# --- in the middle


@pytest.mark.parametrize("how", ["rst", "fin"])
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_host_breaks_off_after_exactly_the_sections_it_says(how: str, scheme: str) -> None:
    with SimulatedFleet([host(scheme=scheme, faults=(faults.BreakOff(2, how),))]) as fleet:  # type: ignore[arg-type]
        with pytest.raises(requests.exceptions.ConnectionError), opened(wsman(fleet)) as pool:
            shell = begin_probe(pool)
            shell.end_invoke()
        assert [decode(section)["section"] for section in shell.output] == ["identity", "vms"]
        assert fleet.report("HV01")["open_shells"] == 0  # the guarded close reached the host on a new connection


def test_a_shell_that_is_gone_says_so_after_its_sections(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.ShellGone(after_sections=1))
    with pytest.raises(WSManFaultError) as error, opened(wsman(fleet)) as pool:
        shell = begin_probe(pool)
        shell.end_invoke()
    assert (error.value.code, len(shell.output)) == (GONE, 1)
    assert fleet.report("HV01")["open_shells"] == 0


def test_a_host_that_hangs_in_receive_answers_nothing_more(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.HangInReceive(after_sections=1))
    with opened(wsman(fleet)) as pool:
        shell = begin_probe(pool)
        while not shell.output:
            shell.poll_invoke()
        pool.connection.transport.read_timeout = 0.1  # type: ignore[assignment]  # it tries six times
        with pytest.raises(requests.exceptions.ReadTimeout):
            shell.end_invoke()
        assert len(shell.output) == 1
    assert fleet.report("HV01")["open_shells"] == 0


def test_a_hanging_script_lets_every_receive_time_out_and_can_be_stopped(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.HangingScript(after_sections=1))
    with opened(wsman(fleet)) as pool:
        shell = begin_probe(pool)
        while not shell.output:
            shell.poll_invoke()
        with pytest.raises(WSManFaultError) as error:
            pool._receive(shell.id, timeout=1)
        shell.stop()
    assert error.value.code == TIMED_OUT
    assert fleet.report("HV01")["open_shells"] == 0


def test_a_script_throws_after_its_sections(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.ScriptThrows(after_sections=2, message="no more"))
    shell = probe(fleet)
    assert (len(shell.output), shell.had_errors, str(shell.streams.error[-1])) == (2, True, "no more")


def test_errors_arrive_beside_good_output(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.NonTerminatingErrors(count=2))
    shell = probe(fleet)
    assert (len(shell.output), len(shell.streams.error), shell.had_errors) == (3, 2, False)


# --- sections that are not what they should be


def test_a_huge_section_is_as_large_as_it_says(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.HugeOutput(megabytes=2, section="vms"))
    assert [len(section) // 1024 // 1024 for section in probe(fleet).output] == [0, 2, 0]


def test_a_section_that_is_no_json(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.NotJson())
    first, second, _third = probe(fleet).output
    with pytest.raises(json.JSONDecodeError):
        decode(first)
    assert decode(second)["section"] == "vms"


def test_a_section_whose_base64_breaks_off(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.TruncatedBase64(section="vms"))
    first, second, _third = probe(fleet).output
    assert decode(first)["section"] == "identity"
    with pytest.raises(ValueError, match=r"base64|padding|characters"):
        decode(second)


def test_a_section_of_an_old_schema(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.OldSchema(section="writers"))
    assert [decode(section)["schema_version"] for section in probe(fleet).output] == [1, 1, 0]


def test_slow_sections_take_a_multiple_of_their_time() -> None:
    asked: list[float] = []

    class Paced(Sections):
        def pacing_seconds(self, name: str) -> float:
            asked.append(0.001)
            return 0.001

    slow = host(engine=WindowsEngine(Paced()), faults=(faults.SlowSections(1e9),))
    with SimulatedFleet([slow]) as fleet, opened(wsman(fleet)) as pool:
        shell = begin_probe(pool)
        shell.poll_invoke()  # the progress record
        with pytest.raises(WSManFaultError) as error:
            pool._receive(shell.id, timeout=1)
        shell.stop()
    assert (error.value.code, asked) == (TIMED_OUT, [0.001])


def test_a_wrong_clock_shows_in_sections_and_in_the_date_header(fleet: SimulatedFleet) -> None:
    class Clock(Sections):
        async def read_section(self, name: str) -> str:
            return host_now().isoformat()

    wrong = faults.WrongClock(seconds=-86400.0)
    with SimulatedFleet([host(number=2, engine=WindowsEngine(Clock()), faults=(wrong,))]) as late:
        report = late.report("HV01")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = requests.post(f"https://{report['address']}:{report['port']}/wsman", verify=False, timeout=5)
        section = probe(late, "identity").output[0]
    date = parsedate_to_datetime(answer.headers["Date"])
    apart = (host_now() - date).total_seconds()
    assert 86400 <= apart < 86400 + 60
    assert section[:10] == date.date().isoformat()


def test_a_dropped_key_exchange_is_never_answered(fleet: SimulatedFleet) -> None:
    with opened(wsman(fleet, operation_timeout=1)) as pool:
        fleet.set_faults("HV01", faults.DropKeyExchange())
        with pytest.raises(WSManFaultError) as refused:
            pool.exchange_keys()
    assert refused.value.code == TIMED_OUT
    assert fleet.report("HV01")["key_exchanges"] == 1


# --- all of them


def test_every_fault_has_a_test_and_a_sentence() -> None:
    tested = set(re.findall(r"\bfaults\.([A-Z]\w+)\(", Path(__file__).read_text(encoding="utf-8")))
    assert tested == {kind.__name__ for kind in faults.BY_NAME.values()}
    assert all(kind.__doc__ and kind.__doc__.rstrip().endswith((".", ")")) for kind in faults.BY_NAME.values())


def test_a_fault_reads_from_data_and_writes_to_it() -> None:
    data = {"name": "break_off", "after_sections": 3, "how": "fin"}
    assert faults.from_data(data) == faults.BreakOff(3, "fin")
    assert faults.BreakOff(3, "fin").as_data() == data
    assert faults.from_data("down") == faults.Down()


@pytest.mark.parametrize(
    ("data", "words"),
    [("no_such", "no fault is called 'no_such'"), ({"name": "down", "how": "hard"}, "has no parameter 'how'")],
)
def test_a_fault_that_does_not_exist_is_named(data: object, words: str) -> None:
    with pytest.raises(faults.UnknownFault, match=words):
        faults.from_data(data)  # type: ignore[arg-type]


def test_a_host_can_be_healed_while_it_runs(fleet: SimulatedFleet) -> None:
    fleet.set_faults("HV01", faults.AccessDenied())
    with pytest.raises(WSManFaultError):
        run(fleet, "hostname")
    fleet.set_faults("HV01")
    with opened(wsman(fleet)) as pool:
        assert PowerShell(pool).add_script("hostname").invoke() == ["HV01"]
