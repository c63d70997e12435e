"""docs/fixes.md, written from the fixes themselves: `python -m audits.judgement.fix_docs > docs/fixes.md`."""

from itertools import groupby

from audits.judgement.fixes import EXCLUDE, FIXES, START, Case, Fix, FixText, Shell, alternative
from audits.judgement.fixes.generic import generic_texts
from audits.judgement.rules import RULES

HEADER = """# The fixes

Written from the fixes themselves; a test fails when this page is older than they are. On the pages of a VM, a host and
a finding the same texts stand with the ids, paths and numbers of that host filled in. Fleet Audit prints them and never
runs them.

Menus are those of an English Windows. `$VMId`, `$Volume` and what stands between empty quotes is filled in by you.
"""


def document() -> str:
    """The whole page, in the order of the numbers."""
    return "\n".join([HEADER, *(_section(fix) for fix in (*FIXES.values(), START)), _exclusion()])


def _section(fix: Fix) -> str:
    number = fix.id if fix.id in FIXES else "Without a number"
    lines = [
        f"## {number}: {fix.title}",
        "",
        fix.why,
        "",
        f"About {fix.effort_minutes} minutes; risk {fix.risk}{'; needs downtime' if fix.needs_downtime else ''}. "
        f"{fix.caveat}",
        "",
    ]
    for rule_id in dict.fromkeys(rule for variant in fix.variants for rule in variant.rules):
        rule = RULES.get(rule_id)
        variants = groupby(generic_texts(fix, rule) if rule else (), key=lambda generic: generic.variant)
        for variant, generics in variants:
            newest, *older = generics
            lines += [f"### {rule_id}: {variant} ({', '.join(newest.windows)})", "", *_text(newest.text)]
            for generic in older:
                lines += [f"On {', '.join(generic.windows)} this differs:", "", *_text(generic.text, newest.text)]
    return "\n".join(lines)


def _text(text: FixText, known: FixText | None = None) -> list[str]:
    """All of the text, or only its parts that differ from `known`."""
    parts = _parts(text)
    before = _parts(known) if known else [[] for _ in parts]
    return [line for part, old in zip(parts, before, strict=True) if part != old for line in part]


def _parts(text: FixText) -> list[list[str]]:
    recipe = text.recipe
    by_hand = [f"{number}. {sentence}" for number, sentence in enumerate(recipe.by_hand, start=1)]
    commands = (
        [f"With commands, {text.where}:", "", *_block(text.commands, recipe.shell), ""]
        if text.commands
        else [f"No commands: {text.no_commands}", ""]
    )
    notes = [f"* Downtime: {recipe.downtime}."] if recipe.downtime else []
    notes += [f"* Cannot be undone: {recipe.irreversible}."] if recipe.irreversible else []
    notes += [f"* Mind: {caveat}" for caveat in recipe.caveats]
    notes += [f"* Done when: {recipe.done_when}", f"* Way back: {recipe.way_back}", ""]
    of_guest = recipe.shell if text.verify_where is text.where else Shell.POWERSHELL
    verify = [f"Verify, {text.verify_where}:", "", *_block(text.verify, of_guest), ""] if text.verify else []
    undo = ["Way back:", "", *_block(text.undo), ""] if text.undo else []
    return [[*by_hand, ""], commands, notes, verify, undo]


def _block(commands: str, shell: Shell = Shell.POWERSHELL) -> list[str]:
    return [f"```{'sh' if shell is Shell.LINUX else 'powershell'}", *commands.split("\n"), "```"]


def _exclusion() -> str:
    text = alternative(Case(rule=""))
    return "\n".join([f"## If a VM cannot be fixed: {EXCLUDE.title}", "", EXCLUDE.why, "", *_text(text)])


if __name__ == "__main__":
    print(document(), end="")
