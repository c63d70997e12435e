"""An estate judged without a wire: sections straight into evidence, rules and verdicts, told as C2 tells them.

Where a fault on the wire ends the audit, the ending is taken from the scenario; the test over real WinRM proves it.
"""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec

from audits.collect.ending import EXPECTED_SECTIONS, ending_of
from audits.judgement.evidence import SECTION_TYPES, Envelope, HostEvidence, SectionReading
from audits.judgement.judge import judge
from audits.judgement.outcomes import Outcome
from audits.judgement.words import BackupPath, ResultWord, Section
from simulator import estates, windows
from simulator.estates.scenario import Customer, Host

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def evidence_of(host: windows.WindowsHost, arrived: tuple[str, ...] = windows.SECTIONS) -> HostEvidence:
    """What the product has read when these sections have arrived."""
    readings = {section: SectionReading(section=section, status=None) for section in Section}
    known: dict[str, Any] = {}
    for name in arrived:
        document = json.dumps(windows.envelope(host, name, now=NOW)).encode()
        envelope = msgspec.json.decode(document, type=Envelope)
        readings[envelope.section] = SectionReading(
            section=envelope.section,
            status=envelope.status,
            reason=envelope.reason,
            duration_seconds=envelope.duration_ms / 1000,
            gaps=envelope.gaps,
        )
        known[name] = msgspec.json.decode(envelope.data, type=SECTION_TYPES[envelope.section] | None)
    return HostEvidence(readings=readings, **known)


def audit(name: str) -> dict[str, Any]:
    """The estate's hosts as `audit --json` would tell them."""
    estate = estates.read_estate(name)
    return {"hosts": [_host(customer, host) for customer in estate.customers for host in customer.hosts]}


def is_ended_by_the_wire(host: Host) -> bool:
    """Whether something on the way to the host ends its audit, and not what it says."""
    return bool(host.faults) or not host.served or host.trust == "none"


def sections_that_arrive(host: Host) -> tuple[str, ...]:
    """All of them, or those before the fault that ends the reading; none where nothing can be concluded."""
    if not is_ended_by_the_wire(host):
        return windows.SECTIONS
    ends = [int(fault.after_sections) for fault in host.faults if hasattr(fault, "after_sections")]
    return windows.SECTIONS[: min(ends)] if ends and host.intended.vms else ()


def _host(customer: Customer, host: Host) -> dict[str, Any]:
    told: dict[str, Any] = {
        "host": host.name,
        "outcome": host.intended.outcome,
        "cause": host.intended.cause,
        "vms": [],
        "findings": [],
    }
    arrived = sections_that_arrive(host)
    if not arrived:
        return told
    evidence = evidence_of(host.windows, arrived)
    if not is_ended_by_the_wire(host):
        ending = ending_of(evidence, None, EXPECTED_SECTIONS[host.rights_level])
        told |= {"outcome": ending.outcome.value, "cause": ending.code}
    if told["outcome"] not in (Outcome.SUCCEEDED, Outcome.PARTIAL):
        return told
    path = BackupPath(host.backup_path or customer.backup_path)
    judgement = judge(evidence, path, host_id="host", host_name=host.name, now=NOW)
    assert not judgement.crashes, judgement.crashes
    told["vms"] = [_plain(verdict) for verdict in judgement.verdicts]
    told["findings"] = [_plain(result) for result in judgement.results if result.result is ResultWord.FAIL]
    return told


def _plain(thing: msgspec.Struct) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(thing))
    return plain
