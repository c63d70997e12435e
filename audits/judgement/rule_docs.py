"""docs/rules.md, written from the rules themselves: `python -m audits.judgement.rule_docs > docs/rules.md`."""

from audits.judgement.fixes import FIXES
from audits.judgement.rule import EVERY_HOST, SERVERS, SINCE_2012_R2, SINCE_2016, Rule
from audits.judgement.rules import RULES

WINDOWS_IN_WORDS = {
    EVERY_HOST: "every Windows with Hyper-V",
    SERVERS: "every Windows Server",
    SINCE_2012_R2: "2012 R2 and later",
    SINCE_2016: "2016 and later",
}
HEADER = """# The checks

Written from the rules' own metadata; a test fails when this page is older than they are. Keys of sources are those of
the product's source list. What a failed check does to a VM, by Windows version and backup path, is in
[matrix.md](matrix.md).
"""


def document() -> str:
    """The whole page. Order and content come from the registry."""
    return "\n".join([HEADER, *(_section(rule) for rule in RULES.values())])


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
    ]
    lines += [f"* Not confirmed: {mark}" for mark in rule.unconfirmed]
    if rule.fix is not None:
        fix = FIXES[rule.fix]
        lines.append(f"* Fix {fix.id}: {fix.title}{' (needs downtime)' if fix.needs_downtime else ''}. {fix.caveat}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document(), end="")
