"""A worker process keeps the leases of the audits it holds: one thread, one UPDATE every 15 seconds."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.db import DatabaseError, close_old_connections, connection

from audits.pipeline.claim import LEASE, Claim

logger = logging.getLogger(__name__)

# A quarter of the lease: three renewals may fail before anybody else takes the host.
RENEW_SECONDS = 15.0

_RENEW = """
    UPDATE audits_hostaudit SET lease_expires_at = now() + make_interval(secs => %s)
    FROM unnest(%s::uuid[], %s::int[]) AS held(id, attempt)
    WHERE audits_hostaudit.id = held.id AND audits_hostaudit.attempt = held.attempt AND state = 'running'
"""


class LeaseKeeper:
    """Renews every held lease whose hard deadline has not passed, whether or not the host has sent anything.

    An audit that hangs beyond its deadline therefore loses its lease even though its process lives.
    """

    def __init__(self) -> None:
        self._held: dict[Claim, float] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def holding(self, claim: Claim, *, seconds: float) -> Iterator[None]:
        """Keep the claim's lease while the block runs, for `seconds` at most."""
        with self._lock:
            self._held[claim] = time.monotonic() + seconds
            if self._thread is None:
                self._thread = threading.Thread(target=self._renew_for_ever, name="leases", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._held.pop(claim, None)

    def renew(self) -> int:
        """Renew once; how many leases were still ours."""
        now = time.monotonic()
        with self._lock:
            held = [claim for claim, until in self._held.items() if until > now]
        if not held:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                _RENEW, [LEASE.total_seconds(), [claim.id for claim in held], [claim.attempt for claim in held]]
            )
            return int(cursor.rowcount)

    def _renew_for_ever(self) -> None:
        pause = threading.Event()
        while not pause.wait(RENEW_SECONDS):
            try:
                close_old_connections()
                self.renew()
            except DatabaseError as error:
                logger.warning("leases could not be renewed, trying again in %.0f s: %s", RENEW_SECONDS, error)
            finally:
                connection.close()


@cache
def process_lease_keeper() -> LeaseKeeper:
    """The one keeper of this worker process."""
    return LeaseKeeper()
