"""The fleet page over 1,000 hosts and 25,000 VMs: queries, and time of the whole response inside the web process."""

import statistics
import time
from collections.abc import Iterator

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench import database, fleet_data
from tests.bench.number import Number
from tests.people import an_owner

HOSTS, VMS = 1000, 25
TIMES = 15
RULES = [f"VM-BENCH{n:02}" for n in range(20)]


def measure() -> Iterator[Number]:
    database.empty()
    fleet_data.fill(HOSTS, VMS, RULES)
    database.analyse()
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(an_owner(), backend="django.contrib.auth.backends.ModelBackend")
    how = f"{HOSTS} hosts, {HOSTS * VMS} VMs, median of {TIMES}"
    query_count, milliseconds = _cost(client, "/")
    yield Number("fleet page, SQL queries", query_count, "queries", at_most=10)
    yield Number("fleet page, response", milliseconds, "ms", at_most=100, how=how)
    query_count, milliseconds = _cost(client, "/plan/")
    yield Number("plan of the fleet, SQL queries", query_count, "queries", at_most=10)
    yield Number("plan of the fleet, response", milliseconds, "ms", how=how)


def _cost(client: Client, address: str) -> tuple[int, float]:
    """Queries, and milliseconds of the whole response. The first request compiles the templates."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    query_count = len(captured)  # the next request empties the log
    times = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        client.get(address)
        times.append((time.perf_counter() - begun) * 1000)
    return query_count, statistics.median(times)
