"""Rows about what hosts told us and what we concluded, one idea per file."""

from audits.models.audit_run import AuditRun, RunState, Trigger
from audits.models.evidence import EvidenceDocument
from audits.models.host_audit import HostAudit, HostAuditState
from audits.models.host_state import HostState
from audits.models.offline_bundle import OfflineBundle
from audits.models.result import Result, ResultInterval
from audits.models.rollup import RunRollup
from audits.models.verdict import Verdict, VerdictInterval, WriterInterval

__all__ = [
    "AuditRun",
    "EvidenceDocument",
    "HostAudit",
    "HostAuditState",
    "HostState",
    "OfflineBundle",
    "Result",
    "ResultInterval",
    "RunRollup",
    "RunState",
    "Trigger",
    "Verdict",
    "VerdictInterval",
    "WriterInterval",
]
