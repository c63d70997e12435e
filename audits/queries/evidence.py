"""The evidence behind a page, as the host gave it: stored once per content, reached only through a host in view."""

from typing import Any

from audits.models import EvidenceDocument, HostAudit, HostState


def bodies(state: HostState | None, *sections: str) -> dict[str, dict[str, Any]]:
    """The stable part of each section that is known of the host; a section that was never read is absent. One query."""
    if state is None:
        return {}
    hashes = {
        reading["sha256"]: section
        for section, reading in state.sections.items()
        if section in sections and reading.get("sha256")
    }
    if not hashes:
        return {}
    documents = EvidenceDocument.objects.filter(sha256__in=hashes).values_list("sha256", "body")
    return {hashes[sha256]: body for sha256, body in documents if isinstance(body, dict)}


def samples(state: HostState | None) -> dict[str, Any]:
    """The volatile readings (free bytes, clocks, counts) of the audit that brought the current evidence. One query."""
    if state is None or state.evidence_run_id is None:
        return {}
    audit = HostAudit.objects.filter(run_id=state.evidence_run_id, host_id=state.host_id).only("samples").first()
    return audit.samples if audit and isinstance(audit.samples, dict) else {}
