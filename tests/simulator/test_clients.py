"""Clients that nobody here wrote run a command: pypsrp, pywinrm, Ansible's psrp connection."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import winrm
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pypsrp.client import Client
from pypsrp.complex_objects import ObjectMeta
from pypsrp.exceptions import AuthenticationError, WinRMTransportError
from pypsrp.powershell import PowerShell

from simulator.engine import Output, Pipeline
from simulator.fleet import SimulatedFleet
from tests.simulator.clients import PASSWORD, USER, host, opened, run, wsman


def test_many_hosts_are_audited_at_once_by_one_process() -> None:
    hosts = [host(f"HV{number:03}", number, certificate="estate_ca") for number in range(1, 201)]
    with SimulatedFleet(hosts) as fleet, ThreadPoolExecutor(16) as workers:
        trust = str(fleet.ca_path)
        answers = list(workers.map(lambda each: run(fleet, "hostname", each.name, cert_validation=trust).output, hosts))
        assert answers == [[each.name] for each in hosts]
        assert sum(fleet.report(each.name)["open_shells"] for each in hosts) == 0


def test_pypsrp_runs_a_command_over_https(fleet: SimulatedFleet) -> None:
    assert run(fleet, "hostname").output == ["HV01"]
    report = fleet.report("HV01")
    assert report["requests"] == 8  # as measured against Windows: two legs of NTLM, then six
    assert report["open_shells"] == 0


@pytest.mark.parametrize("auth", ["ntlm", "negotiate"])
def test_pypsrp_runs_a_command_over_encrypted_http(auth: str) -> None:
    with SimulatedFleet([host(scheme="http")]) as fleet:
        assert run(fleet, "hostname", auth=auth).output == ["HV01"]
        assert fleet.report("HV01")["requests"] == 9
        assert fleet.report("HV01")["open_shells"] == 0


def test_negotiate_with_spnego_tokens_signs_in(fleet: SimulatedFleet) -> None:
    assert run(fleet, "whoami", auth="negotiate").output == ["hv01\\administrator"]


@pytest.mark.parametrize("user", ["Administrator", "administrator", "HV01\\Administrator", ".\\Administrator"])
def test_a_local_account_may_be_written_in_any_way(fleet: SimulatedFleet, user: str) -> None:
    assert run(fleet, "'in'", username=user).output == ["in"]


def test_a_domain_account_signs_in_with_its_domain_or_as_a_principal() -> None:
    accounts = {"CONTOSO\\svc": PASSWORD, "svc@contoso.example": PASSWORD}
    with SimulatedFleet([host(accounts=accounts)]) as fleet:
        assert run(fleet, "'in'", username="CONTOSO\\svc").output == ["in"]
        assert run(fleet, "'in'", username="svc@contoso.example").output == ["in"]


def test_a_wrong_password_is_rejected_and_counted_once(fleet: SimulatedFleet) -> None:
    with pytest.raises(AuthenticationError):
        run(fleet, "hostname", password="wrong")
    report = fleet.report("HV01")
    assert report["sign_in_attempts"] == report["sign_ins_rejected"] == 1
    assert report["accounts"][USER]["rejected_in_a_row"] == 1


def test_an_account_is_locked_after_too_many_rejections() -> None:
    with SimulatedFleet([host(lockout_threshold=2)]) as fleet:
        for _ in range(2):
            with pytest.raises(AuthenticationError):
                run(fleet, "hostname", password="wrong")
        with pytest.raises(AuthenticationError):
            run(fleet, "hostname")


def test_a_sign_in_without_channel_binding_is_rejected_over_https(fleet: SimulatedFleet) -> None:
    with pytest.raises(AuthenticationError):
        run(fleet, "hostname", negotiate_send_cbt=False)


def test_a_host_may_do_without_channel_binding() -> None:
    with SimulatedFleet([host(checks_channel_binding=False)]) as fleet:
        assert run(fleet, "hostname", negotiate_send_cbt=False).output == ["HV01"]


def test_unencrypted_http_is_refused_with_an_empty_500() -> None:
    with SimulatedFleet([host(scheme="http")]) as fleet, pytest.raises(WinRMTransportError) as refused:
        run(fleet, "hostname", encryption="never")
    assert refused.value.code == 500


def test_basic_signs_in_only_where_it_is_allowed(fleet: SimulatedFleet) -> None:
    with pytest.raises(AuthenticationError):
        run(fleet, "hostname", auth="basic")
    with SimulatedFleet([host(number=2, allows_basic=True)]) as lax:
        assert run(lax, "hostname", auth="basic").output == ["HV01"]
        assert lax.report("HV01")["requests"] == 6


def test_a_mapped_client_certificate_signs_in(tmp_path: Path) -> None:
    certificate, key = _client_certificate(tmp_path)
    mapping = {certificate.read_text(): USER}
    with SimulatedFleet([host(client_certificates=mapping)]) as fleet:
        words: dict[str, Any] = {
            "auth": "certificate",
            "certificate_pem": str(certificate),
            "certificate_key_pem": str(key),
        }
        assert run(fleet, "whoami", **words).output == ["hv01\\administrator"]
        assert fleet.report("HV01")["requests"] == 6


def test_execute_ps_returns_text(fleet: SimulatedFleet) -> None:
    connection = wsman(fleet)
    client = Client.__new__(Client)
    client.wsman = connection
    output, streams, had_errors = client.execute_ps("hostname\nWrite-Error 'beside'")
    connection.close()
    assert (output, had_errors, [str(error) for error in streams.error]) == ("HV01", False, ["beside"])


def test_a_secure_string_arrives_in_clear_at_the_engine_only() -> None:
    seen: list[Pipeline] = []

    class Listening:
        async def run(self, pipeline: Pipeline, session: object):  # type: ignore[no-untyped-def]
            seen.append(pipeline)
            yield Output("heard")

    with SimulatedFleet([host(engine=Listening())]) as fleet, opened(wsman(fleet)) as pool:
        pool.exchange_keys()
        from_client = pool.serialize("s3cret", ObjectMeta("SS"))
        shell = PowerShell(pool)
        shell.add_script("param([securestring]$Password)").add_parameter("Password", from_client)
        assert shell.invoke() == ["heard"]
    assert seen[0].commands[0].parameters == {"Password": "s3cret"}


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_pywinrm_runs_cmd_and_powershell(scheme: str) -> None:
    with SimulatedFleet([host(scheme=scheme)]) as fleet:
        report = fleet.report("HV01")
        session = winrm.Session(
            f"{scheme}://{report['address']}:{report['port']}/wsman",
            auth=(USER, PASSWORD),
            transport="ntlm",
            server_cert_validation="ignore",
        )
        echoed = session.run_cmd("echo", ["hello"])
        assert (echoed.status_code, echoed.std_out) == (0, b"hello\r\n")
        assert session.run_cmd("nonsense").status_code == 1
        answered = session.run_ps("hostname")
        assert (answered.status_code, answered.std_out) == (0, b"HV01\r\n")
        assert fleet.report("HV01")["open_shells"] == 0


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_ansible_runs_a_raw_command_over_psrp(scheme: str, tmp_path: Path) -> None:
    with SimulatedFleet([host(scheme=scheme)]) as fleet:
        report = fleet.report("HV01")
        variables = {
            "ansible_connection": "psrp",
            "ansible_host": report["address"],
            "ansible_port": report["port"],
            "ansible_user": USER,
            "ansible_password": PASSWORD,
            "ansible_psrp_protocol": scheme,
            "ansible_psrp_auth": "ntlm",
            "ansible_psrp_cert_validation": "ignore",
            "ansible_psrp_ignore_proxy": True,
        }
        inventory = tmp_path / "inventory.json"
        inventory.write_text(json.dumps({"all": {"hosts": {"hv01": variables}}}))
        finished = subprocess.run(
            [Path(sys.executable).parent / "ansible", "-i", inventory, "hv01", "-m", "raw", "-a", "hostname"],
            capture_output=True,
            text=True,
            timeout=120,
            env={
                "HOME": str(tmp_path),
                "PATH": str(Path(sys.executable).parent) + ":/usr/bin:/bin",
                "LC_ALL": "C.UTF-8",
            },
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        assert finished.stdout.splitlines()[1] == "HV01"
        assert fleet.report("HV01")["open_shells"] == 0


def _client_certificate(directory: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "auditor")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = directory / "client.pem", directory / "client-key.pem"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_path, key_path
