"""Commands need no running product: what is missing is started for their duration."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher import keeper
from launcher.state import open_state
from tests.launcher import processes
from tests.launcher.instance import Instance

pytestmark = pytest.mark.xdist_group("launcher")

ADD = "from fleet.models import Customer; Customer.objects.create(name='{}')"
NAMES = "from fleet.models import Customer; print(','.join(sorted(str(row.name) for row in Customer.objects.all())))"


def test_a_command_on_a_fresh_state_directory_finds_its_tables_and_leaves_no_process(instance: Instance) -> None:
    added = instance.command("shell", "-v0", "-c", ADD.format("Contoso"))
    read = instance.command("shell", "-v0", "-c", NAMES)

    assert added.returncode == 0, added.stderr
    assert read.stdout == "Contoso\n"
    assert keeper.wait_until_stopped(open_state(instance.state))
    assert instance.processes() == set()


def test_standard_output_carries_only_the_result(instance: Instance) -> None:
    done = instance.command("shell", "-v0", "-c", "print('the result')")

    assert done.stdout == "the result\n"
    assert "Preparing the database" in done.stderr


def test_commands_at_the_same_time_share_the_servers(instance: Instance) -> None:
    names = ["Adatum", "Contoso", "Fabrikam", "Northwind"]

    started = [instance.begin("shell", "-v0", "-c", ADD.format(name)) for name in names]
    finished = [command.result() for command in started]

    assert [(done.returncode, done.stderr[-300:]) for done in finished if done.returncode] == []
    assert instance.command("shell", "-v0", "-c", NAMES).stdout == ",".join(names) + "\n"


def test_the_first_command_to_end_does_not_take_the_servers_from_the_second(instance: Instance) -> None:
    state = open_state(instance.state)
    membership = keeper.join(state, frozenset({"postgres"}))
    server = instance.process("postgres", "-D")

    first = instance.command("shell", "-v0", "-c", "print(1)")

    assert first.returncode == 0, first.stderr
    assert not keeper.wait_until_stopped(state)
    assert instance.process("postgres", "-D") == server
    membership.give_back()
    assert processes.wait_for_end({server}, 20) == set()


def test_the_exit_code_is_the_commands_own(instance: Instance) -> None:
    assert instance.command("shell", "-v0", "-c", "raise SystemExit(3)").returncode == 3


def test_up_takes_over_the_servers_of_a_command_that_is_still_running(instance: Instance) -> None:
    state = open_state(instance.state)
    membership = keeper.join(state, frozenset({"postgres"}))
    server = instance.process("postgres", "-D")

    instance.up()
    membership.give_back()

    assert instance.get("/healthz") == 200
    assert instance.process("postgres", "-D") == server


def test_a_command_beside_the_product_knows_its_address(instance: Instance) -> None:
    instance.up()

    told = instance.command(
        "shell", "-v0", "-c", "from django.conf import settings; print(settings.FLEET_AUDIT_BASE_URL)"
    )

    assert told.stdout.strip() == instance.url


def test_a_state_directory_that_cannot_be_used_is_a_sentence(instance: Instance) -> None:
    instance.state.write_text("a file where the directory should be")

    refused = instance.command("shell", "-c", "pass")

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"The state directory {instance.state} cannot be used")


@pytest.mark.parametrize("words", [(), ("help",), ("--help",)], ids=str)
def test_without_a_command_the_overview_names_what_there_is(instance: Instance, words: tuple[str, ...]) -> None:
    shown = instance.command(*words)

    assert shown.returncode == 0
    assert all(f" {name}" in shown.stdout for name in ("demo", "up", "test", "bench", "audit", "report"))
    assert not instance.state.exists()


@pytest.mark.parametrize("name", ["up", "demo"])
def test_our_own_commands_explain_themselves(instance: Instance, name: str) -> None:
    assert "--port" in instance.command(name, "--help").stdout


def test_two_servers_are_started_only_when_somebody_asks_for_both(
    new_instance: Callable[[str], Instance],
) -> None:
    instance = new_instance("state")
    membership = keeper.join(open_state(instance.state), frozenset({"valkey"}))

    running = " ".join(processes.command_line(process) for process in instance.processes())

    assert "valkey-server" in running
    assert "postgres -D" not in running
    membership.give_back()


def test_the_test_command_passes_on_pytests_words_and_exit_code(instance: Instance) -> None:
    passed = instance.command("test", "tests/config/test_log_lines.py")
    wrong = instance.command("test", "tests/config/test_log_lines.py", "-k", "no_such_test")

    assert passed.returncode == 0, passed.stderr
    assert " passed in " in passed.stdout.strip().splitlines()[-1]
    assert wrong.returncode == 5  # pytest's own: nothing was collected
    assert not instance.state.exists()


def test_waiting_for_an_audit_brings_a_worker_along_and_takes_it_away_again(
    instance: Instance, directory: Path
) -> None:
    instance.environment = {**instance.environment, "FLEET_AUDIT_ALLOW_LOOPBACK": "1"}
    hosts = directory / "hosts.csv"
    hosts.write_text("customer,name,address\nContoso,hv01.contoso.example,127.99.0.1\n")
    assert instance.command("add_customer", "Contoso", "--network", "127.99.0.0/24").returncode == 0
    assert instance.command("import_hosts", str(hosts)).returncode == 0

    audited = instance.command("audit", "--wait", "--json")

    assert audited.returncode == 3, audited.stderr  # a host without a credential cannot succeed
    document = json.loads(audited.stdout)
    assert document["run"]["state"] == "completed"
    assert [host["cause"] for host in document["hosts"]] == ["credential_missing"]
    assert keeper.wait_until_stopped(open_state(instance.state))
    assert instance.processes() == set()
