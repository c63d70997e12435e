"""How the closed words of judgement look and read on a page: label, shape, and their one order in every bar."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """`css` maps to colours in app.css, `icon` to a symbol of the sprite; a status is shape + word + colour."""

    word: str
    label: str
    css: str
    icon: str
    note: str = ""
    pulse: bool = False


def _by_word(*looks: Look) -> dict[str, Look]:
    return {look.word: look for look in looks}


# Left to right in every verdict bar: live always at the left edge, failures at the right.
VERDICTS = _by_word(
    Look("live", "Live", "v-live", "live", "application-consistent"),
    Look("crash_consistent", "Crash-consistent", "v-crash", "crash", "no pause, files only"),
    Look("already_offline", "Already offline", "v-off", "off", "not running, not counted"),
    Look("unknown", "Unknown", "v-unknown", "unknown", "evidence missing"),
    Look("saved_state", "Saved state", "v-saved", "saved", "paused at the backup"),
    Look("backup_fails", "Backup fails", "v-fails", "fails", "no usable backup"),
)

# Worst first: the order of the filter tiles, and what "got worse" means.
WORST_FIRST = ("saved_state", "backup_fails", "unknown", "crash_consistent", "live", "already_offline")
BADNESS = {"live": 0, "unknown": 1, "crash_consistent": 2, "saved_state": 3, "backup_fails": 4}

OUTCOMES = _by_word(
    Look("queued", "Queued", "r-info", "ring"),
    Look("running", "Working", "r-run", "run", pulse=True),
    Look("succeeded", "Done", "r-ok", "ok"),
    Look("partial", "Partial", "r-warn", "warn"),
    Look("unreachable", "Unreachable", "r-bad", "bad"),
    Look("denied", "Denied", "r-bad", "lock"),
    Look("timed_out", "Timed out", "r-bad", "clock"),
    Look("failed", "Failed", "r-bad", "bad"),
    Look("cancelled", "Cancelled", "r-info", "stop"),
)

RUN_STATES = _by_word(
    Look("queued", "Queued", "r-info", "ring"),
    Look("running", "Running", "r-run", "run", pulse=True),
    Look("completed", "Completed", "r-ok", "ok"),
    Look("cancelled", "Cancelled", "r-info", "stop"),
)

RESULTS = _by_word(
    Look("fail", "Fail", "r-bad", "bad"),
    Look("error", "Rule error", "r-warn", "warn"),
    Look("unknown", "Unknown", "v-unknown", "unknown"),
    Look("pass", "Pass", "r-ok", "ok"),
    Look("not_applicable", "Not applicable", "r-info", "ring"),
)

SEVERITIES = _by_word(
    Look("critical", "Critical", "r-bad", "fails"),
    Look("warning", "Warning", "r-warn", "warn"),
    Look("info", "Info", "r-info", "info"),
)

SECTION_STATUSES = _by_word(
    Look("ok", "Read", "r-ok", "ok"),
    Look("error", "Failed", "r-bad", "bad"),
    Look("timed_out", "Timed out", "r-warn", "clock"),
    Look("denied", "Denied", "r-warn", "lock"),
    Look("skipped", "Skipped", "r-info", "ring"),
)

OVERLAYS = _by_word(
    Look("conflict", "Conflict", "v-conflict", "conflict"),
    Look("stale", "Stale", "v-stale", "stale"),
    Look("depends_on_backup_path", "Depends on backup path", "v-unknown", "unknown"),
)

WRITER_SAYS = _by_word(
    Look("online", "Online", "v-live", "live", "The writer lists this VM for an online backup."),
    Look(
        "offline",
        "Offline",
        "v-saved",
        "saved",
        "The writer lists it as offline: not backed up while it runs.",
    ),
    Look(
        "unknown",
        "No clear word",
        "v-unknown",
        "unknown",
        "The writer was read, but not understood.",
    ),
    Look("not_read", "Not read", "v-unknown", "unknown", "The writer’s word for this VM was not read."),
)

OBSERVED = _by_word(
    Look("saved", "Paused lately", "v-saved", "saved", "The event log shows this VM being saved during a backup."),
    # No green: nights without a pause may be nights without a backup.
    Look(
        "none_seen",
        "No pause seen",
        "r-info",
        "ring",
        "The log shows no pause. That may also mean no backup.",
    ),
    Look("unknown", "Log does not tell", "v-unknown", "unknown", "The log does not reach back far enough to say."),
    Look(
        "not_read",
        "Not read",
        "v-unknown",
        "unknown",
        "Events of single VMs were not read: this witness is silent.",
    ),
)

EPISODES = _by_word(
    Look("proof", "Paused by a backup", "v-saved", "saved"),
    Look("excluded", "Other reason", "r-info", "ring"),
    Look("open", "Not settled", "v-unknown", "unknown"),
)

PREDICTIONS = _by_word(
    Look("matched", "Predicted", "r-ok", "ok"),
    Look("surprised", "A surprise", "v-conflict", "conflict"),
    Look("none", "No prediction", "r-info", "ring"),
)

EXCLUSIONS = {
    "host_shutdown": "Host shut down",
    "quick_migration": "Moved to another node",
    "manual_save": "Saved by hand",
    "checkpoint_applied": "Checkpoint applied",
}

LOOKS = {
    "verdict": VERDICTS,
    "outcome": OUTCOMES,
    "run": RUN_STATES,
    "result": RESULTS,
    "severity": SEVERITIES,
    "section": SECTION_STATUSES,
    "overlay": OVERLAYS,
    "observed": OBSERVED,
    "episode": EPISODES,
    "prediction": PREDICTIONS,
}

SECTION_NAMES = {
    "identity": "Identity",
    "services": "Services",
    "volumes": "Volumes",
    "cluster": "Cluster",
    "vms": "Virtual machines",
    "guest_facts": "Guest facts",
    "vss_events": "VSS events",
    "vm_events": "VM events",
    "jobs": "Hyper-V jobs",
    "writers": "VSS writers",
    "guests": "Inside the guests",
}

WINDOWS = (
    (26100, "Windows Server 2025"),
    (20348, "Windows Server 2022"),
    (17763, "Windows Server 2019"),
    (14393, "Windows Server 2016"),
    (9600, "Windows Server 2012 R2"),
    (9200, "Windows Server 2012"),
    (7600, "Windows Server 2008 R2"),
    (6001, "Windows Server 2008"),
)

BACKUP_PATHS = {"vss": "Host VSS writer", "wmi": "Hyper-V WMI (RCT)", "unknown": "Not known"}


def windows_name(build: int | None, host_class: str = "") -> str:
    """The Windows version a technician would say, from the build number; the number itself is shown beside it."""
    if build is None:
        return "Windows not read"
    if host_class == "client":
        return "Windows (client)"
    return next((name for first_build, name in WINDOWS if build >= first_build), "Windows")
