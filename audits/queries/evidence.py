"""The evidence behind a page, as the host gave it: stored once per content, reached only through a host in view."""

from typing import Any

import msgspec

from audits.collect.sections import SectionUnreadable, restore_section
from audits.judgement.words import Section
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


def with_samples(state: HostState | None, stable: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The bodies in `stable` with the volatile readings (free bytes, clocks) of the audit that read them. One query.

    A section that another version of this product stored, and this one cannot read, is left out.
    """
    found: dict[str, dict[str, Any]] = {}
    samples = _samples(state)
    for section, body in stable.items():
        try:
            evidence = restore_section(Section(section), msgspec.json.encode(body), samples.get(section))
        except SectionUnreadable:
            continue
        found[section] = msgspec.to_builtins(evidence)
    return found


def _samples(state: HostState | None) -> dict[str, Any]:
    if state is None or state.evidence_run_id is None:
        return {}
    audit = HostAudit.objects.filter(run_id=state.evidence_run_id, host_id=state.host_id).only("samples").first()
    return audit.samples if audit and isinstance(audit.samples, dict) else {}
