"""`up`: everything runs under one supervisor, heals, and ends together."""

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launcher.state import SOCKETS_PARENT, open_state
from tests.launcher import processes
from tests.launcher.instance import Instance, eventually

pytestmark = pytest.mark.xdist_group("launcher")

# How long the whole product may take to be gone. Far above what it takes, as the machine may be busy.
END_SECONDS = 20.0

PARTS = {
    "web": ("gunicorn",),
    "worker-1": ("celery", "worker-1@"),
    "worker-2": ("celery", "worker-2@"),
    "scheduler": ("celery", " beat "),
}


@pytest.fixture(scope="module")
def running() -> Iterator[Instance]:
    """One running product, which each test leaves in good health."""
    directory = Path(tempfile.mkdtemp(prefix="fleet-audit-test-", dir=SOCKETS_PARENT))
    instance = Instance(directory / "state")
    instance.up()
    yield instance
    instance.clear_away()
    shutil.rmtree(open_state(instance.state).sockets, ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


def test_healthz_is_fine_once_the_product_says_that_it_is_ready(running: Instance) -> None:
    assert running.get("/healthz") == 200


@pytest.mark.parametrize("name", PARTS)
def test_a_killed_part_is_started_again(running: Instance, name: str) -> None:
    eventually(lambda: any("celery" in processes.command_line(process) for process in running.processes()))
    killed = running.process(*PARTS[name])

    os.kill(killed, signal.SIGKILL)

    running.wait_for_line(rf"{name} ended \(signal SIGKILL\)")
    running.wait_for_line(rf"{name} works again")
    assert running.process(*PARTS[name]) != killed
    assert running.get("/healthz") == 200


def test_a_request_made_while_there_is_no_web_is_answered_by_the_next_one(running: Instance) -> None:
    os.kill(running.process(*PARTS["web"]), signal.SIGKILL)
    running.wait_for_line("web ended")

    assert running.get("/healthz") == 200
    running.wait_for_line("web works again")


@pytest.mark.parametrize("words", [("postgres", "-D"), ("valkey-server",), ("launcher.keeper",)], ids=lambda w: w[0])
def test_a_killed_server_comes_back_and_the_pages_with_it(running: Instance, words: tuple[str, ...]) -> None:
    killed = running.process(*words)

    os.kill(killed, signal.SIGKILL)

    assert processes.wait_for_end({killed}, END_SECONDS) == set()
    assert eventually(lambda: running.get("/healthz") == 200)
    assert eventually(lambda: any(all(w in processes.command_line(p) for w in words) for p in running.processes()))
    assert running.process(*words) != killed


def test_what_was_stored_survives_a_kill_of_the_database(running: Instance) -> None:
    running.command("shell", "-c", "from fleet.models import Customer; Customer.objects.create(name='Kept')")

    os.kill(running.process("postgres", "-D"), signal.SIGKILL)

    assert eventually(lambda: running.get("/healthz") == 200)
    counted = running.command("shell", "-c", "from fleet.models import Customer; print(Customer.objects.count())")
    assert counted.stdout.strip().endswith("1"), counted.stderr


def test_a_second_up_on_the_same_state_directory_refuses_in_a_sentence(running: Instance) -> None:
    second = running.command("up")

    assert second.returncode == 1
    assert "already running on the state directory" in second.stderr
    assert second.stdout == ""
    assert running.get("/healthz") == 200


def test_a_second_instance_takes_the_next_port_and_shares_nothing(
    running: Instance, new_instance: Callable[[str], Instance]
) -> None:
    running.command("shell", "-c", "from fleet.models import Customer; Customer.objects.create(name='Only here')")
    second = new_instance("second")

    second.up()

    assert second.url != running.url
    names = "from fleet.models import Customer; print(sorted(Customer.objects.values_list('name', flat=True)))"
    assert "Only here" in running.command("shell", "-c", names).stdout
    assert "Only here" not in second.command("shell", "-c", names).stdout
    assert second.stop() == 0
    assert running.get("/healthz") == 200


def test_secrets_are_files_for_this_user_alone_and_stand_in_no_command_line(running: Instance) -> None:
    secrets = list((running.state / "secrets").iterdir())

    assert {file.name for file in secrets} == {"django", "postgres", "postgres-admin", "vault.json"}
    assert {file.stat().st_mode & 0o777 for file in secrets} == {0o600}
    assert running.state.stat().st_mode & 0o777 == 0o700
    everything = "".join(processes.command_line(p) + processes.environment_of(p) for p in running.processes())
    assert not [file.name for file in secrets if file.read_text() in everything]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda n: n.name)
def test_the_end_of_the_supervisor_is_the_end_of_everything(instance: Instance, number: signal.Signals) -> None:
    instance.up()
    eventually(lambda: any("beat" in processes.command_line(process) for process in instance.processes()))
    everyone = instance.processes()
    assert len(everyone) > 8

    status = instance.stop(number)

    assert status == (-signal.SIGKILL if number is signal.SIGKILL else 0)
    left = processes.wait_for_end(everyone, END_SECONDS)
    assert [processes.command_line(process) for process in left] == []
    assert instance.processes() == set()


def test_a_given_port_that_is_taken_is_a_sentence(instance: Instance) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        refused = instance.command("up", "--port", str(port))

    assert refused.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in refused.stderr
    assert instance.processes() == set()


def test_an_address_that_others_could_reach_is_refused(instance: Instance) -> None:
    refused = instance.command("up", "--bind", "0.0.0.0")

    assert refused.returncode == 1
    assert "loopback" in refused.stderr
    assert instance.processes() == set()


def test_up_needs_no_embedded_servers_where_others_are_named(running: Instance, instance: Instance) -> None:
    state = open_state(running.state)
    instance.environment = {
        **instance.environment,
        "DATABASE_URL": f"postgresql://fleet_audit@/fleet_audit?host={state.sockets}",
        "DATABASE_PASSWORD_FILE": str(state.postgres_password),
        "REDIS_URL": f"redis+socket://{state.sockets}/valkey.sock?virtual_host=5",
    }

    instance.up()

    assert instance.get("/healthz") == 200
    assert not [p for p in instance.processes() if "launcher.keeper" in processes.command_line(p)]
    assert instance.stop() == 0
