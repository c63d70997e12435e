"""Is it working? `/healthz` for whoever reaches the web, `python -m config.health PART` for a container engine."""

import http.client
import logging
import os
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from config import heartbeat
from config.celery import app

log = logging.getLogger(__name__)

PARTS = ("web", "worker", "scheduler")


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 "ok" while database and broker can be reached, else 503; what is wrong stands in the log alone."""
    failures = [name for name, works in (("database", _database_works), ("broker", _broker_works)) if not works()]
    if failures:
        return HttpResponse("unavailable\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")


def _database_works() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("health: the database does not answer: %s", error)
        return False
    return True


def _broker_works() -> bool:
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=2, reraise_as_library_errors=True)
    except (OperationalError, OSError) as error:
        log.warning("health: the broker does not answer: %s", error)
        return False
    return True


def main(arguments: list[str]) -> int:
    """Ask one part and return 0 if it works, 1 if not, 2 for a name that is none of the parts."""
    if len(arguments) != 1 or arguments[0] not in PARTS:
        print(f"usage: python -m config.health {'|'.join(PARTS)}", file=sys.stderr)
        return 2
    works = _web_answers() if arguments[0] == "web" else _heart_beats()
    return 0 if works else 1


def _web_answers() -> bool:
    """Ask this container's own web process under a name that it accepts."""
    host = settings.ALLOWED_HOSTS[0].lstrip(".")
    address = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("FLEET_AUDIT_PORT", "8000")), timeout=5)
    try:
        address.request("GET", "/healthz", headers={"Host": host})
        return address.getresponse().status == 200
    except OSError as error:
        print(f"http://127.0.0.1:{address.port}/healthz does not answer: {error}", file=sys.stderr)
        return False
    finally:
        address.close()


def _heart_beats() -> bool:
    file = os.environ.get(heartbeat.VARIABLE, "")
    return bool(file) and heartbeat.is_fresh(Path(file))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
