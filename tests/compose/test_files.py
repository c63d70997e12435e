"""What can be known of Dockerfile and docker-compose.yml without an engine."""

import json
import re
from fnmatch import fnmatch

import pytest
from compose_spec import PyCompose

from launcher.checkout import CHECKOUT
from tests.compose.composition import COMPOSE_FILE, OURS, composition, dockerfile_lines, services

SERVICES = sorted(services())


def test_the_compose_file_follows_the_compose_specification() -> None:
    assert sorted(PyCompose.from_yaml(json.dumps(composition())).service_names()) == SERVICES


def test_the_check_against_the_specification_refuses_an_unknown_key() -> None:
    wrong = composition()
    wrong["services"]["web"]["helthcheck"] = {}

    with pytest.raises(ValueError, match="helthcheck"):
        PyCompose.from_yaml(json.dumps(wrong))


def test_there_are_exactly_the_six_services() -> None:
    assert set(SERVICES) == {"postgres", "valkey", *OURS}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_hardened(name: str) -> None:
    service = services()[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert int(service["user"].split(":")[0]) > 0
    assert "privileged" not in service
    assert not [volume for volume in service.get("volumes", []) if "docker.sock" in volume]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_limits(name: str) -> None:
    assert {"mem_limit", "cpus", "pids_limit"} <= services()[name].keys()


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_named_by_an_exact_version(name: str) -> None:
    assert re.fullmatch(r"[a-z/-]+:\d+\.\d+(\.\d+)?(-bookworm)?", services()[name]["image"])


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_a_service_that_stays_has_a_health_check(name: str) -> None:
    assert services()[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", OURS)
def test_our_services_wait_for_what_they_need_to_be_healthy(name: str) -> None:
    conditions = {other: how["condition"] for other, how in services()[name]["depends_on"].items()}

    if name == "migrate":
        assert conditions == {"postgres": "service_healthy"}
    else:
        assert conditions == {"migrate": "service_completed_successfully", "valkey": "service_healthy"}


def test_all_of_ours_are_one_image() -> None:
    assert len({services()[name]["image"] for name in OURS}) == 1


def test_secrets_come_from_files_and_none_has_a_default() -> None:
    assert {tuple(secret) for secret in composition()["secrets"].values()} == {("file",)}
    for name, service in services().items():
        for variable, value in service.get("environment", {}).items():
            if re.search("KEY|PASSWORD|SECRET", variable):
                assert variable.endswith("_FILE"), f"{name}: {variable}"
                assert value.startswith("/run/secrets/")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_gets_no_secret_that_it_does_not_read(name: str) -> None:
    service = services()[name]
    defined = set(composition()["secrets"])
    granted = set(service["secrets"])
    text = json.dumps(service)

    assert granted <= defined
    unread = {secret for secret in granted if f"/run/secrets/{secret}" not in text}
    assert unread - ({"postgres_password"} if name == "postgres" else set()) == set()


def test_the_role_script_reads_the_one_secret_that_compose_does_not_name() -> None:
    assert "/run/secrets/postgres_password" in (CHECKOUT / "deploy" / "10-application-role.sh").read_text()


def test_database_and_broker_cannot_be_reached_from_outside() -> None:
    assert composition()["networks"]["inside"]["internal"] is True
    for name in ("postgres", "valkey"):
        assert services()[name]["networks"] == ["inside"]
        assert "ports" not in services()[name]


def test_only_web_is_published_and_only_to_this_machine() -> None:
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}

    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_the_pages_address_has_to_be_given() -> None:
    assert "${FLEET_AUDIT_BASE_URL:?" in COMPOSE_FILE.read_text()


def test_nothing_says_latest() -> None:
    named = [words[1] for words in dockerfile_lines() if words[0] == "FROM"]

    assert named
    assert all(re.fullmatch(r"python:3\.11-slim-bookworm", image) for image in named)


def test_the_image_runs_as_a_user_without_rights() -> None:
    users = [words[1] for words in dockerfile_lines() if words[0] == "USER"]

    assert users == [services()["web"]["user"]]


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    sources = [
        source
        for words in dockerfile_lines()
        if words[0] == "COPY" and not words[1].startswith("--from")
        for source in words[1:-1]
    ]
    allowed = [line[1:] for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line.startswith("!")]

    assert sources
    assert [source for source in sources if not (CHECKOUT / source).exists()] == []
    assert [source for source in sources if not any(fnmatch(source, pattern) for pattern in allowed)] == []


def test_mounted_files_exist() -> None:
    mounted = [volume.split(":")[0] for service in services().values() for volume in service.get("volumes", [])]

    assert [path for path in mounted if path.startswith("./") and not (CHECKOUT / path).exists()] == []


def test_packages_of_the_image_are_checked_against_their_hashes() -> None:
    installs = [
        part
        for words in dockerfile_lines()
        if words[0] == "RUN"
        for part in " ".join(words).split("&&")
        if "pip install" in part
    ]

    assert len(installs) == 3
    assert all("--require-hashes" in part and "--no-deps" in part for part in installs)
