"""A value that cannot be used is refused in one sentence: which variable, which value, what is accepted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import variables
from launcher.checkout import CHECKOUT

REFUSED = {
    "FLEET_AUDIT_PROFILE": "https",
    "FLEET_AUDIT_BASE_URL": "audit.example.net",
    "FLEET_AUDIT_ALLOW_LOOPBACK": "yes",
    "FLEET_AUDIT_VAULT_KEY_FILE": "/nonexistent/vault",
    "FLEET_AUDIT_SECRET_KEY_FILE": "/nonexistent/key",
    "FLEET_AUDIT_POOL_SIZE": "many",
    "FLEET_AUDIT_LOG_LEVEL": "verbose",
    "DATABASE_URL": "sqlite:///audit.db",
    "DATABASE_PASSWORD_FILE": "/nonexistent/password",
    "REDIS_URL": "amqp://localhost",
}


def load_settings(**changes: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own, with this run's environment changed."""
    environment = {**os.environ, **changes}
    return subprocess.run(
        [sys.executable, "-c", "import config.settings"], cwd=CHECKOUT, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_value_is_named_with_its_variable_and_with_what_is_accepted(name: str) -> None:
    loaded = load_settings(**{name: REFUSED[name]})

    assert loaded.returncode == 1
    last_line = loaded.stderr.strip().splitlines()[-1]
    assert f"{name}={REFUSED[name]!r} cannot be used; accepted is " in last_line


@pytest.mark.parametrize(
    "name", ["DATABASE_URL", "REDIS_URL", "FLEET_AUDIT_SECRET_KEY_FILE", "FLEET_AUDIT_VAULT_KEY_FILE"]
)
def test_what_has_no_default_is_asked_for_with_its_purpose(name: str) -> None:
    loaded = load_settings(**{name: ""})

    assert loaded.returncode == 1
    assert f"{name} is not set, and it is needed for " in loaded.stderr


def test_a_signing_key_that_is_too_short_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("short")

    loaded = load_settings(FLEET_AUDIT_SECRET_KEY_FILE=str(key))

    assert "at least 50 characters" in loaded.stderr
    assert "short'" not in loaded.stderr


@pytest.mark.parametrize("url", ["mysql://user:hunter2@host/db", "postgresql://user:hunter2@host"])
def test_a_password_in_a_refused_address_is_not_repeated(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(ImproperlyConfigured) as refused:
        variables.database("DATABASE_URL")

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgresql://me@db.example:6543/audit", "db.example", 6543),
        ("postgresql://me@/audit?host=/run/postgresql", "/run/postgresql", ""),
        ("postgres://me@db.example/audit", "db.example", ""),
    ],
)
def test_a_database_address_is_understood_as_libpq_writes_it(
    url: str, host: str, port: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    described = variables.database("DATABASE_URL")

    assert (described["HOST"], described["PORT"], described["NAME"], described["USER"]) == (host, port, "audit", "me")


def test_the_brokers_password_from_a_file_becomes_part_of_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://valkey:6379/0")

    assert variables.broker("REDIS_URL", "a_b-c") == "redis://:a_b-c@valkey:6379/0"
    assert variables.broker("REDIS_URL", "") == "redis://valkey:6379/0"


def test_a_plain_http_address_does_not_go_with_the_profile_behind_tls() -> None:
    loaded = load_settings(FLEET_AUDIT_PROFILE="tls", FLEET_AUDIT_BASE_URL="http://audit.example.net")

    assert "an https:// address in the profile tls" in loaded.stderr
