"""The table of docs/rights.md, written from the rights levels themselves: `python -m audits.collect.rights_docs`."""

from audits.collect.rights import LEVELS, NEVER_MISSING, Level, Loss
from audits.judgement.words import Section


def table() -> str:
    """One row for each section, one column for each level; a cell names the rules that stay unknown."""
    levels = list(LEVELS.values())
    rows = [
        ["section", *(level.title for level in levels)],
        ["---"] * (len(levels) + 1),
        *([str(section), *(_cell(level, section) for level in levels)] for section in Section),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _cell(level: Level, section: Section) -> str:
    if section in NEVER_MISSING:
        return "needs a guest credential"
    loss = next((loss for loss in level.losses if loss.section is section), None)
    if loss is None:
        return "read"
    what = f"without {', '.join(loss.fields)}" if loss.fields else "not read"
    return f"{what}; unknown: {', '.join(_rule(rule, loss) for rule in loss.unknown_rules)}. {loss.why}"


def _rule(rule: str, loss: Loss) -> str:
    return f"{rule} (in a cluster)" if rule in loss.in_cluster else rule


if __name__ == "__main__":
    print(table(), end="")
