"""One judged host in the words of `audit --json` (contract C2), as far as a scenario speaks of it."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from audits.collect.ending import Ending
from audits.judgement.evidence import HostEvidence
from audits.judgement.judge import judge
from audits.judgement.outcomes import Outcome
from audits.judgement.words import BackupPath, ResultWord
from simulator.estates.scenario import Customer, Host

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def tell(customer: Customer, host: Host, evidence: HostEvidence, ending: Ending) -> dict[str, Any]:
    """Outcome and cause; and where enough was read, the verdict on every VM and what fails."""
    told: dict[str, Any] = {
        "host": host.name,
        "outcome": str(ending.outcome),
        "cause": ending.code,
        "vms": [],
        "findings": [],
    }
    if ending.outcome not in (Outcome.SUCCEEDED, Outcome.PARTIAL):
        return told
    path = BackupPath(host.backup_path or customer.backup_path)
    judgement = judge(evidence, path, host_id="host", host_name=host.name)
    assert not judgement.crashes, judgement.crashes
    told["vms"] = [_plain(verdict) for verdict in judgement.verdicts]
    told["findings"] = [_plain(result) for result in judgement.results if result.result is ResultWord.FAIL]
    return told


def _plain(thing: msgspec.Struct) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(thing))
    return plain
