"""docker-compose.yml and Dockerfile as the tests read them."""

import shlex
from typing import Any

import yaml

from launcher.checkout import CHECKOUT

COMPOSE_FILE = CHECKOUT / "docker-compose.yml"
DOCKERFILE = CHECKOUT / "Dockerfile"

OURS = ("migrate", "web", "worker", "scheduler")


def composition() -> dict[str, Any]:
    """Return the compose file with its anchors and merge keys resolved."""
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text())
    return loaded


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = composition()["services"]
    return found


def dockerfile_lines() -> list[list[str]]:
    """Return the instructions of the Dockerfile as lists of words, with continued lines joined."""
    text = DOCKERFILE.read_text().replace("\\\n", " ")
    lines = (line.strip() for line in text.splitlines())
    return [shlex.split(line) for line in lines if line and not line.startswith("#")]


def image_environment() -> dict[str, str]:
    """Return what the final image sets by ENV."""
    return dict(words[1].split("=", 1) for words in dockerfile_lines() if words[0] == "ENV")
