"""Guessing is slowed down for an account and for an address, and nobody is locked out for good."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate, get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

PASSWORD = "correct horse battery staple"
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def owner() -> None:
    get_user_model().objects.create_user("owner", password=PASSWORD)


def sign_in(username: str, password: str, address: str = "192.0.2.1") -> bool:
    """Try once; a locked sign-in counts as a failed one, whatever the password."""
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = address
    try:
        return authenticate(request, username=username, password=password) is not None
    except PermissionDenied:
        return False


def test_the_right_password_signs_in_after_four_failures() -> None:
    for _ in range(4):
        assert not sign_in("owner", "guess")

    assert sign_in("owner", PASSWORD)


def test_an_account_is_closed_after_five_failures_from_wherever_they_come() -> None:
    for number in range(5):
        sign_in("owner", "guess", address=f"192.0.2.{number}")

    assert not sign_in("owner", PASSWORD, address="198.51.100.7")


def test_an_address_is_closed_after_twenty_failures_and_not_after_nineteen() -> None:
    for number in range(19):
        sign_in(f"nobody{number}", "guess")
    assert sign_in("owner", PASSWORD)
    sign_in("nobody19", "guess")
    for number in range(20, 40):
        sign_in(f"nobody{number}", "guess")

    assert not sign_in("owner", PASSWORD)
    assert sign_in("owner", PASSWORD, address="198.51.100.7")


def test_a_closed_account_opens_again_after_a_quarter_of_an_hour() -> None:
    with time_machine.travel(START, tick=False) as clock:
        for _ in range(5):
            sign_in("owner", "guess")
        assert not sign_in("owner", PASSWORD)

        clock.shift(timedelta(minutes=16))

        assert sign_in("owner", PASSWORD)


def test_failing_on_while_closed_does_not_prolong_it() -> None:
    with time_machine.travel(START, tick=False) as clock:
        for _ in range(5):
            sign_in("owner", "guess")
        clock.shift(timedelta(minutes=10))
        sign_in("owner", "guess")

        clock.shift(timedelta(minutes=6))

        assert sign_in("owner", PASSWORD)
