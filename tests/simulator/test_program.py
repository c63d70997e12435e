"""The program: it says when it is ready, obeys its control socket, and ends when it is told to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypsrp.exceptions import AuthenticationError, WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from tests.simulator.clients import NETWORK

ROOT = Path(__file__).parents[2]


def _start(*arguments: object, estate: str = "stub") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.simulator.serve_stub_estate"]
    command += [f"{NETWORK}.77", "serve", "--estate", estate, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=ROOT)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    running = _start("--state", tmp_path / "state", "--control", tmp_path / "control", "--exit-with-stdin")
    with running:
        assert running.stdout is not None
        yield running, json.loads(running.stdout.readline())
        running.kill()


def _ask(path: str, **request: Any) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall(json.dumps(request).encode() + b"\n")
        answer: dict[str, Any] = json.loads(client.makefile().readline())
        return answer


def _hostname(ready: dict[str, Any], password: str = "secret") -> list[object]:
    (about,) = ready["hosts"]
    connection = WSMan(
        about["address"],
        port=about["port"],
        username="Administrator",
        password=password,
        auth="ntlm",
        cert_validation=ready["ca"],
        no_proxy=True,
    )
    with connection, RunspacePool(connection) as pool:
        output: list[object] = PowerShell(pool).add_script("hostname").invoke()
        return output


def test_it_is_ready_when_it_says_so_and_ends_on_sigterm(program: Any) -> None:
    running, ready = program
    assert ready["ready"] is True
    assert _hostname(ready) == ["HV01"]
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=10) == 0
    assert running.stderr.read() == ""


def test_it_ends_with_its_standard_input(program: Any) -> None:
    running, _ready = program
    running.stdin.close()
    assert running.wait(timeout=10) == 0


def test_control_reports_breaks_and_heals_a_host(program: Any) -> None:
    _running, ready = program
    _hostname(ready)
    report = _ask(ready["control"], do="report", host="HV01")["report"]
    assert (report["shells_created"], report["shells_deleted"], report["open_shells"]) == (1, 1, 0)
    assert _ask(ready["control"], do="set_faults", host="HV01", faults=["access_denied"]) == {"ok": True}
    with pytest.raises(WSManFaultError):
        _hostname(ready)
    assert _ask(ready["control"], do="reset", host="HV01") == {"ok": True}
    assert _ask(ready["control"], do="report")["reports"]["HV01"]["requests"] == 0
    assert _hostname(ready) == ["HV01"]


def test_control_changes_certificate_and_password(program: Any) -> None:
    _running, ready = program
    changed = _ask(ready["control"], do="change_certificate", host="HV01")["fingerprint"]
    assert changed != ready["hosts"][0]["fingerprint"]
    assert _ask(ready["control"], do="hosts")["hosts"][0]["fingerprint"] == changed
    _ask(ready["control"], do="set_password", host="HV01", user="Administrator", password="other")
    assert _hostname(ready, "other") == ["HV01"]
    with pytest.raises(AuthenticationError):
        _hostname(ready)
    assert _ask(ready["control"], do="pass_time", host="HV01", seconds=7200)["ok"]
    assert _ask(ready["control"], do="reboot", host="HV01")["ok"]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"do": "dance"}, "none of hosts, report"),
        ({"do": "reset", "host": "HV99"}, "no simulated host is called 'HV99'"),
        ({"do": "reset"}, "needs 'host'"),
        ({"do": "set_faults", "host": "HV01", "faults": ["tired"]}, "no fault is called 'tired'"),
    ],
)
def test_control_says_what_it_did_not_understand(program: Any, request_: dict[str, Any], words: str) -> None:
    answer = _ask(program[1]["control"], **request_)
    assert not answer["ok"]
    assert words in answer["error"]


def test_an_unknown_estate_is_a_sentence_and_exit_code_2(tmp_path: Path) -> None:
    with _start("--state", tmp_path, estate="nowhere") as running:
        _output, complaint = running.communicate(timeout=30)
    assert running.returncode == 2
    assert complaint.strip() == "simulator: estate 'nowhere' cannot be served: there is no estate called 'nowhere'"


def test_the_simulator_imports_nothing_of_the_product() -> None:
    script = "import sys, simulator.fleet, simulator.control; print(*sys.modules)"
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    tops = {name.partition(".")[0] for name in finished.stdout.split()}
    assert not tops & {"django", "celery", "pypsrp", "config", "audits", "fleet", "launcher"}
