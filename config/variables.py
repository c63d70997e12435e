"""Reads the environment, and says what is wrong in one sentence: the variable, its value, and what is accepted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_environment = environ.Env()


def refuse(name: str, value: object, accepted: str) -> ImproperlyConfigured:
    """Return the error for a value that cannot be used."""
    return ImproperlyConfigured(f"{name}={value!r} cannot be used; accepted is {accepted}.")


def text(name: str, default: str | None = None, *, needed_for: str = "") -> str:
    """Return the variable's text. Without a default it has to be set."""
    value = str(_environment.str(name, default="")) or default
    if value is None:
        raise ImproperlyConfigured(
            f"{name} is not set, and it is needed for {needed_for}. `python3 manage.py` sets it for the embedded "
            "servers; docs/operations.md lists all variables."
        )
    return value


def choice(name: str, default: str, accepted: tuple[str, ...]) -> str:
    """Return the variable, which has to be one of the accepted words."""
    value = text(name, default)
    if value not in accepted:
        raise refuse(name, value, " or ".join(accepted))
    return value


def flag(name: str) -> bool:
    """Return whether the variable is 1; absent and 0 mean no, and anything else is refused."""
    return choice(name, "0", ("0", "1")) == "1"


def number(name: str, default: int, *, lowest: int, highest: int) -> int:
    """Return the variable as a whole number within its bounds."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
        raise refuse(name, value, f"a whole number from {lowest} to {highest}")
    return int(value)


def words(name: str, default: list[str]) -> list[str]:
    """Return the variable's comma-separated words without blanks around them."""
    value = text(name, ",".join(default))
    return [word.strip() for word in value.split(",") if word.strip()]


def path(name: str, *, needed_for: str) -> Path:
    """Return the variable as the path of a file that can be read."""
    value = Path(text(name, needed_for=needed_for))
    try:
        value.open("rb").close()
    except OSError as error:
        raise refuse(name, str(value), f"the path of a readable file ({error.strerror})") from error
    return value


def secret(name: str, *, needed_for: str, shortest: int = 1) -> str:
    """Return the contents of the file that the variable names, without surrounding white space. Never logged."""
    file = path(name, needed_for=needed_for)
    value = file.read_text().strip()
    if len(value) < shortest:
        raise refuse(name, str(file), f"a file with at least {shortest} characters")
    return value


def optional_secret(name: str) -> str:
    """Return the contents of the named file, or nothing where the variable is not set."""
    return secret(name, needed_for="") if text(name, "") else ""


def base_url(name: str, default: str) -> str:
    """Return an address such as https://audit.example.net, without a path and without a slash at its end."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise refuse(name, value, "an address without a path, such as https://audit.example.net")
    return value


def database(name: str) -> dict[str, Any]:
    """Return Django's description of the PostgreSQL server that the variable names in libpq's own form."""
    value = text(name, needed_for="the database")
    accepted = "postgresql://user@host:port/database, or postgresql://user@/database?host=/socket/directory"
    described: dict[str, Any] = _parsed(name, value, accepted, lambda: _environment.db_url_config(value))
    if described.get("ENGINE") != "django.db.backends.postgresql" or not described.get("NAME"):
        raise refuse(name, _without_password(value), accepted)
    options = described.setdefault("OPTIONS", {})
    described["HOST"] = options.pop("host", described["HOST"])
    return described


def broker(name: str, password: str) -> str:
    """Return Celery's address of the Redis or Valkey server, with the password that came in a file."""
    value = text(name, needed_for="the task queue")
    scheme, separator, rest = value.partition("://")
    if scheme not in ("redis", "rediss", "redis+socket", "unix") or not separator or not rest:
        raise refuse(name, _without_password(value), "redis://host:port/0 or redis+socket:///path?virtual_host=0")
    return f"{scheme}://:{password}@{rest}" if password else value


def _parsed(name: str, value: str, accepted: str, parse: Callable[[], Any]) -> Any:
    try:
        return parse()
    except (ValueError, ImproperlyConfigured) as error:
        raise refuse(name, _without_password(value), accepted) from error


def _without_password(url: str) -> str:
    """Return the address as it may stand in an error."""
    head, at, tail = url.rpartition("@")
    return f"{head.split('://')[0]}://…@{tail}" if at and ":" in head.partition("://")[2] else url
