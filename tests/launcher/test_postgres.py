"""The embedded PostgreSQL, in each way in which this user can run it."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from launcher import postgres, unprivileged
from launcher.console import LaunchError
from launcher.parts import Part, spawn
from launcher.state import State, open_state
from launcher.unprivileged import Wrapping
from tests.launcher import processes
from tests.launcher.instance import eventually

WAYS: list[Callable[[], Wrapping]] = (
    [unprivileged.in_user_namespace, unprivileged.as_nobody] if os.geteuid() == 0 else [unprivileged.wrapping]
)


@pytest.fixture
def state(directory: Path) -> State:
    return open_state(directory / "state")


def run_server(state: State) -> tuple[subprocess.Popen[bytes], Part]:
    part = postgres.part(state, throwaway=True)
    process = spawn(part)
    assert eventually(part.is_healthy), part.log.read_text()
    return process, part


def connect(state: State) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(postgres.url(state), password=state.postgres_password.read_text())


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_it_runs_in_a_directory_that_only_its_user_can_enter(
    state: State, way: Callable[[], Wrapping], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "wrapping", way)
    process, part = run_server(state)

    with connect(state) as connection:
        role = connection.execute("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
        place = connection.execute(
            "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'fleet_audit'"
        ).fetchone()

    process.send_signal(part.stop_signal)
    assert process.wait(20) == 0
    assert role == (False, True)
    assert place == ("b", "C.UTF-8")
    assert state.directory.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(len(WAYS) < 2, reason="only root has two ways")
def test_a_cluster_made_one_way_is_served_the_other_way(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    for way in (*WAYS, WAYS[0]):
        monkeypatch.setattr(postgres, "wrapping", way)
        process, part = run_server(state)
        process.send_signal(part.stop_signal)
        assert process.wait(20) == 0


def test_nobody_gets_in_without_the_password(state: State) -> None:
    process, part = run_server(state)

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url(state), password="guessed")

    process.send_signal(part.stop_signal)
    assert process.wait(20) == 0


def test_a_server_whose_keeper_is_gone_is_ended_before_the_next_one_starts(state: State) -> None:
    orphan, _ = run_server(state)

    process, part = run_server(state)

    assert orphan.wait(20) == 0
    assert processes.command_line(process.pid)
    process.send_signal(part.stop_signal)
    assert process.wait(20) == 0


def test_a_lock_file_that_names_a_stranger_does_not_stop_the_start(state: State) -> None:
    process, part = run_server(state)
    process.kill()
    process.wait(20)
    lock = state.directory / "postgres" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")

    process, part = run_server(state)

    process.send_signal(part.stop_signal)
    assert process.wait(20) == 0


def test_a_cluster_that_could_not_be_made_leaves_nothing_and_says_what_to_do(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "ROLE", "no role;")

    with pytest.raises(LaunchError, match=r"Making the PostgreSQL cluster failed in postgres.*syntax error"):
        postgres.part(state, throwaway=True).prepare()

    assert not (state.directory / "postgres").exists()
