"""docs/rules.md, written from the rules themselves: `python -m audits.judgement.rule_docs > docs/rules.md`."""

from audits.judgement.fixes import FIXES
from audits.judgement.rule import Rule
from audits.judgement.rule_facts import WINDOWS_IN_WORDS, confidence_of_failure, effects_of, why_no_effect
from audits.judgement.rule_scenarios import ToldScenario, told_scenarios
from audits.judgement.rules import RULES
from audits.judgement.sources import SOURCES
from audits.judgement.words import HostClass, ResultWord

HEADER = """# The checks

Written from the rules' own metadata and scenarios; a test fails when this page is older than they are. Keys of
sources are told at the end. What a failed check does to a VM is shown per Windows version and backup
path with the letters of [matrix.md](matrix.md), and explained there.

A failure is as sure as its least sure fact: what no source confirms is named with each check, and results that rest on
it carry at most the confidence shown. A scenario changes one thing on a healthy host (`tests/judgement`) and says what
the check must answer. Scenarios are for 2022 unless a version is named, and are tried on every class the check applies
to.

| check | judges | applies to | confidence of a failure | sources |
|---|---|---|---|---|
"""
WINDOWS = {
    HostClass.A: "up to 2012",
    HostClass.B: "2012 R2",
    HostClass.CLIENT: "client",
    HostClass.UNKNOWN: "version not known",
}
RESULT_IN_WORDS = {ResultWord.NOT_APPLICABLE: "not applicable"}


def document() -> str:
    """The whole page. Order and content come from the registry."""
    index = "".join(_line(rule) for rule in RULES.values())
    return HEADER + index + "\n" + "\n".join([*(_section(rule) for rule in RULES.values()), _sources()])


def _line(rule: Rule) -> str:
    sources = ", ".join(rule.sources)
    return (
        f"| [{rule.id}](#{_anchor(rule)}) | {rule.scope} | {WINDOWS_IN_WORDS[rule.applies_to]} | {_confidence(rule)} "
        f"| {sources} |\n"
    )


def _sources() -> str:
    lines = [f"| {key} | {told} |" for key, told in SOURCES.items()]
    return "\n".join(["## Sources", "", "| key | source |", "|---|---|", *lines]) + "\n"


def _anchor(rule: Rule) -> str:
    """The anchor that Git hosts make of a heading."""
    heading = f"{rule.id}: {rule.title}".lower()
    return "".join(letter for letter in heading if letter.isalnum() or letter in " -").replace(" ", "-")


def _section(rule: Rule) -> str:
    lines = [f"## {rule.id}: {rule.title}", "", rule.why, ""]
    severities = {rule.severity.value: ""} | {
        severity.value: f" on class {host_class}" for host_class, severity in rule.severity_on.items()
    }
    lines += [
        f"* Judges: {rule.scope}; severity {', '.join(word + where for word, where in severities.items())}; "
        f"version {rule.version}",
        f"* Applies to: {WINDOWS_IN_WORDS[rule.applies_to]}; "
        f"paths {', '.join(sorted(rule.paths))}{'; condition of a live backup' if rule.precondition else ''}",
        f"* Reads: {', '.join(rule.needs)}",
        f"* Sources: {', '.join(rule.sources)}",
        f"* Confidence of a failure: {_confidence(rule)}",
    ]
    lines += [f"* Not confirmed: {mark.what}" for mark in rule.unconfirmed]
    lines += _effects(rule)
    if rule.fix is not None:
        fix = FIXES[rule.fix]
        lines.append(f"* Fix {fix.id}: {fix.title}{' (needs downtime)' if fix.needs_downtime else ''}. {fix.caveat}")
    lines += ["", "| scenario | result | says |", "|---|---|---|"]
    lines += [_scenario(told) for told in told_scenarios().get(rule.id, ())]
    return "\n".join(lines) + "\n"


def _confidence(rule: Rule) -> str:
    levels = confidence_of_failure(rule)
    if len({confidence for _, confidence in levels}) == 1:
        return levels[0][1].value
    return ", ".join(f"{confidence} {windows}" for windows, confidence in levels)


def _effects(rule: Rule) -> list[str]:
    rows = effects_of(rule)
    if not rows:
        return [f"* No row of the matrix. {why_no_effect(rule)}"]
    lines = []
    for row in rows:
        cells = ", ".join(f"{column} {cell.text}" for column, cell in row.cells)
        lines.append(f"* A failure does{f' ({row.about})' if row.about else ''}: {cells}")
    return lines


def _scenario(told: ToldScenario) -> str:
    windows = WINDOWS.get(told.host_class)
    name = f"{told.name} ({windows})" if windows and windows.lower() not in told.name.lower() else told.name
    result = RESULT_IN_WORDS.get(told.result, told.result.value)
    if told.result is ResultWord.FAIL:
        result += f", {told.severity}, {told.confidence} confidence"
    elif told.result is ResultWord.PASS and told.confidence != "high":
        result += f", {told.confidence} confidence"
    return f"| {_cell(name)} | {result} | {_cell(told.says)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    print(document(), end="")
