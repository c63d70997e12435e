"""The environment of every process of ours: which database, which broker, which secrets, what a person may override."""

import os
from collections.abc import Mapping

from launcher import postgres, valkey
from launcher.state import VARIABLE, State


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
    return ours | {name: value for name, value in given.items() if value or name not in ours}
