"""Rows about what hosts told us and what we concluded, one idea per file."""

from audits.models.audit_run import AuditRun, RunState, Trigger
from audits.models.episode import Episode
from audits.models.evidence import EvidenceDocument
from audits.models.host_audit import HostAudit, HostAuditState
from audits.models.host_plan import HostPlan
from audits.models.host_state import HostState
from audits.models.offline_bundle import OfflineBundle
from audits.models.result import Result, ResultInterval
from audits.models.rollup import RunRollup
from audits.models.schedule import Schedule
from audits.models.verdict import Verdict, VerdictInterval, WriterInterval

__all__ = [
    "AuditRun",
    "Episode",
    "EvidenceDocument",
    "HostAudit",
    "HostAuditState",
    "HostPlan",
    "HostState",
    "OfflineBundle",
    "Result",
    "ResultInterval",
    "RunRollup",
    "RunState",
    "Schedule",
    "Trigger",
    "Verdict",
    "VerdictInterval",
    "WriterInterval",
]
