"""What a scenario of a rule is: a host spoiled in one place, and what the rule must say about it."""

from dataclasses import dataclass

from audits.judgement.evidence import HostEvidence
from audits.judgement.words import ResultWord, Severity


@dataclass(frozen=True)
class Scenario:
    """`says` is part of the measured value of a failure, or of the reason of an unknown."""

    rule: str
    name: str
    host: HostEvidence
    expected: ResultWord
    says: str = ""
    severity: Severity | None = None
    subject: str | None = None


def scenario(
    rule: str,
    name: str,
    host: HostEvidence,
    expected: str,
    says: str = "",
    *,
    severity: Severity | None = None,
    subject: str | None = None,
) -> Scenario:
    return Scenario(rule, name, host, ResultWord(expected), says, severity, subject)
