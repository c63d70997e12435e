"""The address that sign-in limits count is one that its sender cannot choose."""

import pytest
from django.http import HttpRequest
from django.test import override_settings

from config.client_address import client_address


def request_with(forwarded: str) -> HttpRequest:
    request = HttpRequest()
    request.META.update(REMOTE_ADDR="172.18.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    return request


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("spoofed, 2001:db8::7", "2001:db8::7"),
        ("not an address", "172.18.0.1"),
        ("", "172.18.0.1"),
    ],
)
def test_behind_the_proxy_only_its_own_word_counts(forwarded: str, expected: str) -> None:
    with override_settings(BEHIND_TLS=True):
        assert client_address(request_with(forwarded)) == expected


def test_without_a_proxy_the_header_is_nobodys_word() -> None:
    with override_settings(BEHIND_TLS=False):
        assert client_address(request_with("203.0.113.9")) == "172.18.0.1"
