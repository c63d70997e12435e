"""Every rule that is built: one file each in this package, found by its name and kept in the catalogue's order."""

from importlib import import_module
from pkgutil import iter_modules

from audits.judgement.catalogue import POSITION
from audits.judgement.rule import Rule


def _rules_in_this_package() -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for module in iter_modules(__path__):
        for thing in vars(import_module(f"{__name__}.{module.name}")).values():
            if isinstance(thing, Rule):
                found[thing.id] = thing
    return dict(sorted(found.items(), key=lambda item: POSITION[item[0]]))


RULES: dict[str, Rule] = _rules_in_this_package()
