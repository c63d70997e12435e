"""Fixes as text: what to do about a failed check, one file each. Fleet Audit prints them and never runs them."""

from importlib import import_module
from pkgutil import iter_modules

from audits.judgement.fixes import exclude_vm, start_vm
from audits.judgement.fixes.case import Case, case_about, case_of
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Risk, Shell, Variant, Where
from audits.judgement.fixes.written import FixText, write, write_recipe

# Files of numbered fixes are called f01_… to f23_…, so their order is that of the numbers.
FIXES: dict[str, Fix] = {
    fix.id: fix
    for name in sorted(module.name for module in iter_modules(__path__) if module.name[1:3].isdecimal())
    for fix in (import_module(f"{__name__}.{name}").FIX,)
}
# Without a number in the source's table, and in no column of a report.
START = start_vm.FIX
EXCLUDE = exclude_vm.FIX
WITHOUT_NUMBER: dict[str, Fix] = {fix.id: fix for fix in (START, EXCLUDE)}
_OF_RULE = {"VM-RUN": START}


def fix_of(rule_id: str, fix_id: str | None) -> Fix | None:
    """The fix that a rule names, or the one without a number that belongs to it."""
    return FIXES.get(fix_id or "") or _OF_RULE.get(rule_id)


def alternative(case: Case) -> FixText:
    """Leaving the VM out of the host's job, for the case that it cannot be fixed."""
    variant = EXCLUDE.variants[0]
    return write_recipe(EXCLUDE, variant.name, variant.write(case), case)


__all__ = [
    "EXCLUDE",
    "FIXES",
    "START",
    "WITHOUT_NUMBER",
    "Case",
    "Fix",
    "FixText",
    "Phase",
    "Recipe",
    "Risk",
    "Shell",
    "Variant",
    "Where",
    "alternative",
    "case_about",
    "case_of",
    "fix_of",
    "write",
    "write_recipe",
]
