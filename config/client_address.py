"""Which address a sign-in comes from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the client's address: the peer's, or behind the proxy the one that the proxy itself has appended.

    Only the last entry of X-Forwarded-For is the proxy's word; all before it is whatever the client sent.
    """
    peer = str(request.META.get("REMOTE_ADDR") or "")
    if not settings.BEHIND_TLS:
        return peer
    last = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(last))
    except ValueError:
        return peer
