"""The closed vocabularies of the product: one word per thing, the same in tables, JSON, CSV and pages."""

from enum import IntEnum, StrEnum


class Section(StrEnum):
    """A part of a host's evidence, read by the probe file of the same name; in the order they are read."""

    IDENTITY = "identity"
    SERVICES = "services"
    VOLUMES = "volumes"
    CLUSTER = "cluster"
    VMS = "vms"
    GUEST_FACTS = "guest_facts"
    VSS_EVENTS = "vss_events"
    VM_EVENTS = "vm_events"
    JOBS = "jobs"
    WRITERS = "writers"
    GUESTS = "guests"


class SectionStatus(StrEnum):
    """How reading a section ended. `skipped` has a reason and never makes a host partial."""

    OK = "ok"
    ERROR = "error"
    TIMED_OUT = "timed_out"
    DENIED = "denied"
    SKIPPED = "skipped"


class HostClass(StrEnum):
    """How Hyper-V decides, by Windows build: A up to 2012, B 2012 R2, C 2016 and later (domain text, terms)."""

    A = "A"
    B = "B"
    C = "C"
    CLIENT = "client"
    UNKNOWN = "unknown"


class BackupPath(StrEnum):
    """The way the backup product takes: the host's VSS writer, Hyper-V WMI with change tracking, or not known."""

    VSS = "vss"
    WMI = "wmi"
    UNKNOWN = "unknown"


class VerdictWord(StrEnum):
    """What the next backup does to a VM."""

    BACKUP_FAILS = "backup_fails"
    SAVED_STATE = "saved_state"
    CRASH_CONSISTENT = "crash_consistent"
    UNKNOWN = "unknown"
    LIVE = "live"
    ALREADY_OFFLINE = "already_offline"


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


class WriterSays(StrEnum):
    """The second witness: what the Hyper-V VSS writer declares for a VM."""

    ONLINE = "online"
    OFFLINE = "offline"
    UNKNOWN = "unknown"
    NOT_READ = "not_read"


class Observed(StrEnum):
    """The third witness: what the event log proves for a VM."""

    SAVED = "saved"
    NONE_SEEN = "none_seen"
    UNKNOWN = "unknown"
    NOT_READ = "not_read"


class VMState(StrEnum):
    RUNNING = "running"
    OFF = "off"
    SAVED = "saved"
    PAUSED = "paused"
    TRANSITIONAL = "transitional"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class ResultWord(StrEnum):
    """What a rule says of a subject, in XCCDF's words."""

    PASS = "pass"  # noqa: S105 - a result, not a password
    FAIL = "fail"
    ERROR = "error"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Scope(StrEnum):
    """What a rule speaks about; also the `subject_type` of its results."""

    HOST = "host"
    CLUSTER = "cluster"
    VM = "vm"
    VOLUME = "volume"


class WindowsBuild(IntEnum):
    """First build of each Windows Server version that Hyper-V's backup behaviour is described for."""

    SERVER_2008 = 6001
    SERVER_2008_R2 = 7600
    SERVER_2012 = 9200
    SERVER_2012_R2 = 9600
    SERVER_2016 = 14393
    SERVER_2019 = 17763
    SERVER_2022 = 20348
    SERVER_2025 = 26100
