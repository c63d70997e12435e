"""A file that worker and scheduler touch while they and the broker hear each other; its age is their health."""

import os
import time
from pathlib import Path
from typing import Any

from celery import bootsteps
from celery.signals import after_task_publish

VARIABLE = "FLEET_AUDIT_HEARTBEAT_FILE"

BEAT_SECONDS = 5.0
# Several missed beats: a busy machine skips one, a dead connection skips all.
STALE_SECONDS = 45.0


def is_fresh(file: Path) -> bool:
    """Say whether the process that touches this file did so lately."""
    try:
        return time.time() - file.stat().st_mtime < STALE_SECONDS
    except FileNotFoundError:
        return False


class ConsumerHeartbeat(bootsteps.StartStopStep):  # type: ignore[misc]
    """Beats while the worker consumes; Celery stops this step with the broker connection and starts it again."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._timer: Any = None

    def start(self, consumer: Any) -> None:
        _beat()
        self._timer = consumer.timer.call_repeatedly(BEAT_SECONDS, _beat)

    def stop(self, consumer: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def scheduler_heartbeat() -> None:
    """Beat for every tick that the broker has accepted. Only beat sends ticks, so only its process beats."""
    after_task_publish.connect(_on_publish, weak=False, dispatch_uid="scheduler heartbeat")


def _on_publish(sender: str | None = None, **unused: Any) -> None:
    if sender == "audits.tasks.tick":
        _beat()


def _beat() -> None:
    if file := os.environ.get(VARIABLE):
        Path(file).touch(mode=0o600)
