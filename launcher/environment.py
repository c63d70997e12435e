"""The environment of every process of ours: which database, which broker, which secrets, what a person may override."""

import json
import os
from collections.abc import Mapping

from launcher import postgres, valkey
from launcher.checkout import CHECKOUT
from launcher.state import VARIABLE, State

ANNOUNCEMENT = "product.json"


def embedded_servers(environment: Mapping[str, str]) -> frozenset[str]:
    """Return the servers that have to be started here: those which no variable names elsewhere."""
    names = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
    return frozenset(server for server, variable in names.items() if not environment.get(variable))


def for_processes(state: State, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for Django, Celery and gunicorn. What a person has set wins; secrets go as files."""
    given = dict(os.environ if environment is None else environment)
    ours = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        VARIABLE: str(state.directory),
        "FLEET_AUDIT_PROFILE": "loopback",
        "FLEET_AUDIT_SECRET_KEY_FILE": str(state.django_key),
        "FLEET_AUDIT_VAULT_KEY_FILE": str(state.vault_key),
        "PYTHONUNBUFFERED": "1",
    }
    servers = embedded_servers(given)
    if "postgres" in servers:
        ours |= {"DATABASE_URL": postgres.url(state), "DATABASE_PASSWORD_FILE": str(state.postgres_password)}
    if "valkey" in servers:
        ours |= {"REDIS_URL": valkey.url(state)}
    ours |= _of_the_running_product(state)
    chosen = ours | {name: value for name, value in given.items() if value or name not in ours}
    # Our packages are found wherever the command is typed, and nobody else's are found by accident.
    return chosen | {"PYTHONPATH": str(CHECKOUT)}


def _of_the_running_product(state: State) -> dict[str, str]:
    """Return what `up` or `demo` has announced, so that a command beside it sees the same product."""
    try:
        announced: dict[str, str] = json.loads((state.run / ANNOUNCEMENT).read_text())
    except FileNotFoundError:
        return {}
    return announced if state.up_lock.is_held_by_another() else {}


def announce(state: State, environment: Mapping[str, str]) -> None:
    """Let the commands that run beside the product know its address and whether it is the demo."""
    names = ("FLEET_AUDIT_BASE_URL", "FLEET_AUDIT_ALLOW_LOOPBACK")
    known = {name: environment[name] for name in names if name in environment}
    (state.run / ANNOUNCEMENT).write_text(json.dumps(known))
