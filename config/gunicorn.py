"""How gunicorn serves the pages; the same in the launcher and in the image."""

import ctypes
import os
import signal

wsgi_app = "config.wsgi"
worker_class = "gthread"
workers = 2  # one for each core of a small server; a crash of one leaves the other
threads = 8  # a page waits for Postgres more than it computes
bind = [os.environ.get("FLEET_AUDIT_BIND", "127.0.0.1:8000")]
preload_app = True  # imported once, before the fork: half the start-up time and memory
timeout = 60  # a CSV of 500,000 rows streams longer than the default 30 s between two heartbeats of a busy worker
graceful_timeout = 8  # below the supervisor's and the container engine's ten seconds
keepalive = 5
# A worker is replaced after a while, at different times, so that a slow leak never grows up.
max_requests = 5000
max_requests_jitter = 1000
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - no disk write for each heartbeat
control_socket_disable = True  # nobody administrates gunicorn but the one who started it
accesslog = None  # the reverse proxy writes one
errorlog = "-"
# The proxy's word on the scheme is read by Django (SECURE_PROXY_SSL_HEADER) alone.
forwarded_allow_ips = ""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def post_fork(server: object, worker: object) -> None:
    """Let the kernel end a worker together with its master, instead of a second or a long request later."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
