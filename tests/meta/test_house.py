"""The rules of the house that tools hold: imports, types, format, templates, migrations, locks."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent


def runs_clean(*command: str) -> None:
    """The program ends with 0; otherwise its own words are the failure."""
    done = subprocess.run(
        [str(PROGRAMS / command[0]), *command[1:]], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_point_one_way() -> None:
    runs_clean("lint-imports", "--no-cache")


def test_every_function_is_typed() -> None:
    runs_clean("mypy", ".")


def test_the_linter_is_content() -> None:
    runs_clean("ruff", "check", ".")


def test_the_code_is_formatted() -> None:
    runs_clean("ruff", "format", "--check", ".")


def test_templates_are_tidy() -> None:
    runs_clean("djlint", "templates", "--lint", "--quiet")


@pytest.mark.django_db
def test_every_model_change_has_its_migration() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_hashes_and_no_addresses(lock: str) -> None:
    text = (CHECKOUT / lock).read_text()
    assert "://" not in text
    pinned = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", text, re.MULTILINE)
    assert pinned
    assert text.count("--hash=sha256:") >= len(pinned)


def test_the_development_lock_holds_every_pin_of_the_product() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9][a-z0-9._-]*==\S+", (CHECKOUT / lock).read_text(), re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_the_top_level_holds_what_the_readme_promises() -> None:
    promised = {"manage.py", "fleet", "audits", "templates", "static", "tests", "docker-compose.yml", "README.md"}
    assert promised <= {path.name for path in CHECKOUT.iterdir()}
