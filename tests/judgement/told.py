"""What every scenario makes its rule say, for the product to show: `python -m tests.judgement.told` writes the file."""

from pathlib import Path

import msgspec

from audits.judgement.judge import judge
from audits.judgement.result import Result
from audits.judgement.rule_scenarios import ToldScenario
from audits.judgement.rules import RULES
from audits.judgement.words import Scope
from tests.judgement.guest_scenarios import GUEST_SCENARIOS
from tests.judgement.host_scenarios import HOST_SCENARIOS
from tests.judgement.hosts import VM_ID
from tests.judgement.proof_scenarios import PROOF_SCENARIOS
from tests.judgement.scenarios import Scenario
from tests.judgement.vm_scenarios import VM_SCENARIOS

SCENARIOS = VM_SCENARIOS + HOST_SCENARIOS + GUEST_SCENARIOS + PROOF_SCENARIOS
FILE = Path(__file__).parents[2] / "audits" / "judgement" / "rule_scenarios.json"


def result_of(scenario: Scenario) -> Result:
    """What the rule of the scenario says of its subject. A crash of any rule is an error."""
    judgement = judge(scenario.host)
    assert judgement.crashes == []
    subject = scenario.subject or (VM_ID if RULES[scenario.rule].scope is Scope.VM else "host")
    [result] = [r for r in judgement.results if r.rule == scenario.rule and r.subject_id == subject]
    return result


def text() -> str:
    told: dict[str, list[ToldScenario]] = {rule_id: [] for rule_id in RULES}
    for scenario in SCENARIOS:
        result = result_of(scenario)
        told[scenario.rule].append(
            ToldScenario(
                name=scenario.name,
                host_class=scenario.host.host_class,
                result=result.result,
                says=result.measured or result.reason or "",
                severity=result.severity,
                confidence=result.confidence,
            )
        )
    return msgspec.json.format(msgspec.json.encode(told), indent=1).decode() + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
