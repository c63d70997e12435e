"""Celery: how tasks travel and where they run. Each number stands beside its reason."""

import os

from celery import Celery

from config.heartbeat import ConsumerHeartbeat, scheduler_heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("fleet_audit")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    # Ids travel, as JSON, and nothing else: no pickle, no secrets.
    task_serializer="json",
    accept_content=["json"],
    # Nobody waits for a task's return value; what came of it stands in Postgres.
    task_ignore_result=True,
    # A technician who clicks goes before the nightly schedule. `priority` empties the queues in the order in which
    # the worker names them, where the default takes turns.
    task_queues={name: {"exchange": "fleet_audit", "routing_key": name} for name in ("ondemand", "scheduled")},
    task_default_queue="scheduled",
    task_default_exchange="fleet_audit",
    task_default_routing_key="scheduled",
    task_create_missing_queues=False,
    broker_transport_options={
        "queue_order_strategy": "priority",
        # Ten minutes: longer than any message waits in a worker's own memory. A message that comes back sooner or
        # later than needed is harmless, as the claim in Postgres decides who works.
        "visibility_timeout": 600,
        # A killed Valkey is noticed within this time; its socket alone would leave a half-open connection hanging.
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 15,
    },
    # The row in Postgres is the job and the message is a hint, so it is acknowledged when the work begins: late
    # acknowledgement would only deliver it again, up to a visibility timeout after the sweeper has re-queued the row.
    task_acks_late=False,
    # One message in reserve for each thread: a free thread need not wait for the broker, and a click overtakes
    # everything but these.
    worker_prefetch_multiplier=1,
    # As often as it takes: Valkey may be killed and started again at any time.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    # The broker carries no commands: who can write to it cannot stop a worker.
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    # Our own format, one line for each record, in every process.
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    # The pool of threads has neither time limits nor terminate: the deadline of a task lives in the task.
    timezone="UTC",
    enable_utc=True,
    # The only entry, for ever: due schedules, expired leases and retention are rows that `tick` looks at. Five
    # seconds is what a lost message may cost; `expires` keeps ticks from piling up while no worker runs.
    beat_schedule={
        "tick": {
            "task": "audits.tasks.tick",
            "schedule": 5.0,
            "options": {"queue": "ondemand", "expires": 5.0, "retry": False},
        },
    },
    # The schedule is static, so beat has nothing to remember between two starts.
    beat_scheduler="celery.beat:Scheduler",
    beat_max_loop_interval=5,
)
app.steps["consumer"].add(ConsumerHeartbeat)
scheduler_heartbeat()
app.autodiscover_tasks()
