"""Judging again what an earlier audit read: the stored evidence, the same rules, another backup path."""

from typing import Any

import msgspec

from audits.collect.sections import SectionUnreadable, restore_section
from audits.collect.volatile import split
from audits.judgement.evidence import Evidence, Gap, HostEvidence, SectionReading, of_sections
from audits.judgement.judge import Judgement, judge
from audits.judgement.words import BackupPath, Section, SectionStatus
from audits.models import EvidenceDocument, HostAudit, HostState
from fleet.models import Host


class EvidenceNotAtHand(Exception):
    """What the host's verdicts were made from is not stored whole any more; only its next audit can judge it."""


def stored_evidence(state: HostState) -> HostEvidence:
    """The evidence of the last audit that brought some, volatile readings included. Two queries.

    Raises EvidenceNotAtHand when a section or its readings are gone, or another version of this product stored them.
    """
    if state.evidence_run_id is None:
        raise EvidenceNotAtHand("no audit has brought evidence yet")
    audit = HostAudit.objects.filter(run_id=state.evidence_run_id, host_id=state.host_id).only("samples").first()
    if audit is None:
        raise EvidenceNotAtHand("the audit that read it was removed")
    entries = {
        Section(name): entry
        for name, entry in state.sections.items()
        if name in set(Section) and not _stayed_away(entry, str(state.evidence_run_id))
    }
    hashes = [entry["sha256"] for entry in entries.values() if _was_read(entry)]
    stored = dict(EvidenceDocument.objects.filter(sha256__in=hashes).values_list("sha256", "body"))
    read = {
        section: _restored(section, stored.get(entry["sha256"]), audit.samples.get(section))
        for section, entry in entries.items()
        if _was_read(entry)
    }
    return of_sections({section: _reading(section, entry) for section, entry in entries.items()}, read)


def judge_again(host: Host, state: HostState, backup_path: str) -> Judgement:
    """What the last audit would have said, had the backup path been this one. Raises EvidenceNotAtHand."""
    return judge(stored_evidence(state), BackupPath(backup_path), host_id=str(host.id), host_name=host.name)


def _stayed_away(entry: dict[str, Any], run_id: str) -> bool:
    """Whether the section's last word is of an earlier audit: in the last one it did not arrive at all."""
    return entry.get("status") == SectionStatus.OK and entry.get("run_id") != run_id


def _was_read(entry: dict[str, Any]) -> bool:
    """Whether the last audit read the section; older content of one that failed since was not judged by it."""
    return bool(entry.get("status") == SectionStatus.OK and entry.get("sha256"))


def _restored(section: Section, body: object, samples: dict[str, Any] | None) -> Evidence:
    if body is None:
        raise EvidenceNotAtHand(f"section {section} is not stored any more")
    try:
        evidence = restore_section(section, msgspec.json.encode(body), samples)
    except SectionUnreadable as error:
        raise EvidenceNotAtHand(str(error)) from error
    if not samples and split(evidence)[1]:
        raise EvidenceNotAtHand(f"the readings of section {section} are not stored any more")
    return evidence


def _reading(section: Section, entry: dict[str, Any]) -> SectionReading:
    return SectionReading(
        section=section,
        status=SectionStatus(entry["status"]),
        reason=entry.get("reason"),
        duration_seconds=entry.get("duration_seconds"),
        gaps=tuple(msgspec.convert(gap, Gap) for gap in entry.get("gaps") or ()),
    )
