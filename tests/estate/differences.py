"""Where the product and a scenario disagree: every host and VM of an estate, one sentence per difference.

`differences` compares with the JSON of `audit --json` (contract C2), so the same function judges the pure test, the
test over real WinRM, and a demo that runs.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from simulator import estates
from simulator.estates import IntendedHost, IntendedVerdict

OPTIONAL_WORDS = ("verdict_vss", "verdict_wmi", "depends_on_backup_path", "conflict", "writer_says", "observed")


def differences(audit: Mapping[str, Any], estate: str) -> list[str]:
    """What `audit --json` says otherwise than the estate's scenarios intend; empty when everything agrees."""
    seen = {host["host"]: host for host in audit["hosts"]}
    found: list[str] = []
    for name, intended in estates.expectations(estate).items():
        if name in seen:
            found += _of_host(name, seen[name], intended)
        else:
            found.append(f"{name}: not audited")
    return found


def _of_host(name: str, host: Mapping[str, Any], intended: IntendedHost) -> Iterator[str]:
    ended, meant = (host["outcome"], host["cause"]), (intended.outcome, intended.cause)
    if ended != meant:
        yield f"{name}: ended {_pair(ended)}, intended {_pair(meant)}"
    yield from _of_vms(name, host["vms"], intended.vms)
    if intended.failing is not None:
        failing = {finding["rule"] for finding in host["findings"] if finding["result"] == "fail"}
        for rule in sorted(failing - set(intended.failing)):
            yield f"{name}: {rule} fails, and is not intended to"
        for rule in sorted(set(intended.failing) - failing):
            yield f"{name}: {rule} is intended to fail, and does not"


def _of_vms(name: str, rows: list[Mapping[str, Any]], intended: Mapping[str, IntendedVerdict]) -> Iterator[str]:
    seen = {row["vm_id"]: row for row in rows}
    for vm_id, row in seen.items():
        if vm_id not in intended:
            yield f"{name}: VM {row['vm']!r} has a verdict that no scenario intends"
    for vm_id, meant in intended.items():
        if vm_id not in seen:
            yield f"{name}: VM {vm_id} is missing"
            continue
        row = seen[vm_id]
        expected: dict[str, object] = {
            "verdict": meant.verdict,
            "confidence": meant.confidence,
            "causes": list(meant.causes),
        }
        expected |= {word: getattr(meant, word) for word in OPTIONAL_WORDS if getattr(meant, word) is not None}
        for word, value in expected.items():
            if row[word] != value:
                yield f"{name}: VM {row['vm']!r}: {word} is {row[word]!r}, intended {value!r}"


def _pair(ended: tuple[str | None, str | None]) -> str:
    return "/".join(part for part in ended if part) or "not at all"
