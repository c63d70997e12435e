"""The scenarios that hold a rule to its word: one changed field of a healthy host each, and what the rule then says.

Written by the tests (`python -m tests.judgement.told`), so that the product can show how a check was checked.
"""

from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from audits.judgement.words import Confidence, HostClass, ResultWord, Severity


class ToldScenario(Struct, frozen=True, kw_only=True):
    """`says`: the measured value of a failure or pass, the reason of anything else; '' where there is none."""

    name: str
    host_class: HostClass
    result: ResultWord
    says: str
    severity: Severity
    confidence: Confidence


@cache
def told_scenarios() -> dict[str, tuple[ToldScenario, ...]]:
    """By rule id. Reads the file once."""
    text = files("audits.judgement").joinpath("rule_scenarios.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, tuple[ToldScenario, ...]])
