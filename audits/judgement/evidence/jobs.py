"""Section `jobs`: what Hyper-V is doing or has done within the last five minutes (Msvm_ConcreteJob)."""

from typing import ClassVar

from audits.judgement.evidence.types import Evidence, Guid, Text, Time

SAVE = 14
RESTORE = 15
MERGE = 50
VSS_SNAPSHOT = 51  # inside the VM
CREATE_CHECKPOINT = 70
APPLY_CHECKPOINT = 71
DELETE_CHECKPOINT = 72
BACKUP = 170

COMPLETED = 7


class Job(Evidence, frozen=True, kw_only=True):
    """One job. Finished ones stay for five minutes (TimeBeforeRemoval)."""

    VOLATILE: ClassVar[tuple[str, ...]] = ("elapsed_ms",)

    job_id: Text | None = None
    job_type: int | None = None
    job_state: int | None = None  # 4 running, 7 completed, 10 exception
    started_at: Time | None = None
    changed_at: Time | None = None  # TimeOfLastStateChange: when a finished job ended
    elapsed_ms: int | None = None
    error_code: int | None = None
    vm_id: Guid | None = None  # lower case; None: the association names no VM


class Jobs(Evidence, frozen=True, kw_only=True):
    """`jobs` empty: asked, and there were none; that says nothing about more than five minutes ago."""

    jobs: tuple[Job, ...] | None = None
