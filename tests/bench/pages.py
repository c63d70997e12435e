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
RULES = [f"VM-BENCH{n:02}" for n in range(20)]


def measure() -> Iterator[Number]:
    database.empty()
    fleet_data.fill(HOSTS, VMS, RULES)
    database.analyse()
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(an_owner(), backend="django.contrib.auth.backends.ModelBackend")
    client.get("/")  # the first request compiles the templates
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/").status_code == 200
    query_count = len(captured)  # the next request empties the log
    times = []
    for _ in range(15):
        begun = time.perf_counter()
        client.get("/")
        times.append((time.perf_counter() - begun) * 1000)
    how = f"{HOSTS} hosts, {HOSTS * VMS} VMs, median of {len(times)}"
    yield Number("fleet page, SQL queries", query_count, "queries", at_most=10)
    yield Number("fleet page, response", statistics.median(times), "ms", at_most=100, how=how)
