"""Two profiles: behind TLS, and plain http on this machine's loopback."""

import json
import os
import subprocess
import sys

import pytest
from django.test import Client

from launcher.checkout import CHECKOUT

NAMES = [
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "SESSION_COOKIE_SAMESITE",
    "SESSION_COOKIE_HTTPONLY",
    "CSRF_COOKIE_NAME",
    "CSRF_COOKIE_SECURE",
    "CSRF_COOKIE_SAMESITE",
    "CSRF_COOKIE_HTTPONLY",
    "SECURE_HSTS_SECONDS",
    "ALLOWED_HOSTS",
]


def settings_of(profile: str, base_url: str) -> dict[str, object]:
    code = (
        f"from django.conf import settings as s; import json; print(json.dumps({{n: getattr(s, n) for n in {NAMES}}}))"
    )
    environment = {**os.environ, "FLEET_AUDIT_PROFILE": profile, "FLEET_AUDIT_BASE_URL": base_url}
    read = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, object] = json.loads(read.stdout)
    return found


def test_behind_tls_cookies_are_bound_to_the_host_and_to_tls() -> None:
    found = settings_of("tls", "https://audit.example.net")

    for cookie in ("SESSION_COOKIE", "CSRF_COOKIE"):
        assert str(found[f"{cookie}_NAME"]).startswith("__Host-")
        assert found[f"{cookie}_SECURE"] is True
        assert found[f"{cookie}_HTTPONLY"] is True
    assert found["SECURE_HSTS_SECONDS"] == 365 * 24 * 3600
    assert found["ALLOWED_HOSTS"] == ["audit.example.net"]


def test_on_loopback_cookies_stay_with_this_site_and_work_without_tls() -> None:
    found = settings_of("loopback", "http://127.0.0.1:8000")

    for cookie in ("SESSION_COOKIE", "CSRF_COOKIE"):
        assert not str(found[f"{cookie}_NAME"]).startswith("__")
        assert found[f"{cookie}_SECURE"] is False
        assert found[f"{cookie}_SAMESITE"] == "Strict"
        assert found[f"{cookie}_HTTPONLY"] is True
    assert found["SECURE_HSTS_SECONDS"] == 0
    assert found["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]


def test_two_instances_on_one_machine_do_not_sign_each_other_out() -> None:
    first = settings_of("loopback", "http://127.0.0.1:8000")
    second = settings_of("loopback", "http://127.0.0.1:8001")

    assert first["SESSION_COOKIE_NAME"] != second["SESSION_COOKIE_NAME"]


@pytest.mark.django_db
def test_every_answer_carries_the_headers_that_a_browser_obeys(client: Client) -> None:
    headers = client.get("/healthz").headers

    policy = {part.strip() for part in headers["Content-Security-Policy"].split(";")}
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= policy
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


def test_passwords_are_hashed_with_argon2id() -> None:
    code = "import django; django.setup(); from django.contrib.auth.hashers import make_password as m; print(m('x'))"

    made = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)

    assert made.stdout.startswith("argon2$argon2id$")
