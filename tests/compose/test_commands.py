"""The commands of docker-compose.yml as plain processes on the embedded servers, until their health checks succeed.

The environment is exactly that of the file and of the image, save for addresses, the paths of secrets, and the
container's own /tmp.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from launcher import keeper, postgres, valkey
from launcher.checkout import CHECKOUT
from launcher.parts import die_with_parent
from launcher.state import State, open_state
from tests.compose.composition import image_environment, services
from tests.launcher.instance import eventually

pytestmark = pytest.mark.xdist_group("compose")


class Composition:
    """Stands in for the container engine."""

    def __init__(self, state: State, directory: Path) -> None:
        self._state = state
        self._directory = directory
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def environment(self, name: str) -> dict[str, str]:
        """Return the service's environment with addresses and paths of this machine."""
        service = services()[name]
        given = {"PATH": os.environ["PATH"]} | {
            variable: value.replace("/app/", f"{self._directory}/")
            for variable, value in image_environment().items()
            if variable != "PATH"
        }
        secrets = {
            "/run/secrets/django_key": str(self._state.django_key),
            "/run/secrets/vault_key": str(self._state.vault_key),
            "/run/secrets/postgres_password": str(self._state.postgres_password),
        }
        for variable, value in service["environment"].items():
            own_file = f"{self._directory}/{name}-{value.removeprefix('/tmp/')}" if value.startswith("/tmp/") else value
            given[variable] = secrets.get(value, own_file)
        given |= {
            "DATABASE_URL": postgres.url(self._state),
            "REDIS_URL": valkey.url(self._state),
            "FLEET_AUDIT_BASE_URL": "https://audit.example.net",
            "FLEET_AUDIT_LOG_LEVEL": "INFO",
        }
        del given["REDIS_PASSWORD_FILE"]  # the embedded server is reached by a socket and has no password
        if name == "web":
            given |= {"FLEET_AUDIT_BIND": f"127.0.0.1:{self.port}", "FLEET_AUDIT_PORT": str(self.port)}
        return given

    def run(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the service's environment to its end."""
        return subprocess.run(
            _here(command), cwd=CHECKOUT, env=self.environment(name), capture_output=True, text=True, timeout=120
        )

    @contextmanager
    def running(self, name: str) -> Iterator[Path]:
        """Run the service's command and yield its log."""
        log = self._directory / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                _here(services()[name]["command"]),
                cwd=CHECKOUT,
                env=self.environment(name),
                stdout=output,
                stderr=output,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        try:
            yield log
        finally:
            process.terminate()
            process.wait(30)

    def is_healthy(self, name: str) -> bool:
        kind, *check = services()[name]["healthcheck"]["test"]
        assert kind == "CMD"
        return self.run(name, *check).returncode == 0


def _here(command: tuple[str, ...] | list[str]) -> list[str]:
    assert command[0] == "python"
    return [sys.executable, *command[1:]]


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composition]:
    """PostgreSQL and Valkey, with a database that nobody has migrated and the static files of the image."""
    directory = tmp_path_factory.mktemp("compose")
    state = open_state(directory / "state")
    membership = keeper.join(state, frozenset({"postgres", "valkey"}), throwaway=True)
    composition = Composition(state, directory)
    built = subprocess.run(
        [sys.executable, "-m", "config", "collectstatic", "--noinput"],
        cwd=CHECKOUT,
        env=composition.environment("web") | {"DJANGO_SETTINGS_MODULE": "config.stand_in_settings"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    yield composition
    membership.give_back()
    keeper.wait_until_stopped(state)


def test_migrate_ends_with_zero_and_leaves_the_tables(composed: Composition) -> None:
    done = composed.run("migrate", *services()["migrate"]["command"])

    assert done.returncode == 0, done.stderr
    environment = composed.environment("migrate")
    password = Path(environment["DATABASE_PASSWORD_FILE"]).read_text()
    with psycopg.connect(environment["DATABASE_URL"], password=password) as connection:
        tables = {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert {"accounts_user", "fleet_customer", "audits_auditrun"} <= tables


def test_migrate_may_run_again(composed: Composition) -> None:
    assert composed.run("migrate", *services()["migrate"]["command"]).returncode == 0


@pytest.mark.parametrize("name", ["web", "worker", "scheduler"])
def test_a_service_becomes_healthy(composed: Composition, name: str) -> None:
    assert not composed.is_healthy(name), "healthy before it was started"

    with composed.running(name) as log:
        assert eventually(lambda: composed.is_healthy(name)), log.read_text()


def test_web_sends_a_visitor_without_tls_to_tls(composed: Composition) -> None:
    with composed.running("web"):
        assert eventually(lambda: composed.is_healthy("web"))
        connection = http.client.HTTPConnection("127.0.0.1", composed.port, timeout=30)
        connection.request("GET", "/", headers={"Host": "audit.example.net"})
        answer = connection.getresponse()
        connection.close()

    assert answer.status == 301
    assert answer.headers["Location"] == "https://audit.example.net/"


def test_the_production_settings_pass_djangos_own_check(composed: Composition) -> None:
    checked = composed.run("web", "python", "-m", "config", "check", "--deploy", "--fail-level", "WARNING")

    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout
