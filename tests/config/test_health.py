"""/healthz says whether database and broker answer, and nothing else."""

import os
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from config import health
from config.celery import app


@pytest.mark.django_db
def test_it_is_ok_for_a_stranger_while_both_answer(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_without_the_broker_it_is_unavailable_and_gives_no_details(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.conf, "broker_write_url", "redis+socket:///nonexistent/valkey.sock")

    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (503, b"unavailable\n")


@pytest.mark.django_db
def test_without_the_database_it_is_unavailable_and_gives_no_details(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", "a database that is not there")
        connection.close()
        answer = client.get("/healthz")
        connection.close()

    assert (answer.status_code, answer.content) == (503, b"unavailable\n")


def test_a_part_without_a_heartbeat_is_not_healthy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_AUDIT_HEARTBEAT_FILE", str(tmp_path / "heartbeat"))

    assert health.main(["worker"]) == 1


def test_a_part_whose_heart_has_stopped_is_not_healthy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "heartbeat"
    monkeypatch.setenv("FLEET_AUDIT_HEARTBEAT_FILE", str(file))
    file.touch()
    assert health.main(["scheduler"]) == 0

    long_ago = file.stat().st_mtime - 60
    os.utime(file, (long_ago, long_ago))

    assert health.main(["scheduler"]) == 1


def test_a_part_that_does_not_exist_is_a_mistake_in_the_command() -> None:
    assert health.main(["database"]) == 2
