"""A fix for no host in particular: each of its variants, once per text that Windows versions share."""

from collections.abc import Iterator

from msgspec import Struct, structs

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Variant
from audits.judgement.fixes.written import FixText, write_recipe
from audits.judgement.rule import Rule
from audits.judgement.words import HostClass, WindowsBuild

# One build per text that may differ, newest first, and the class it belongs to.
VERSIONS: tuple[tuple[int, HostClass, str], ...] = (
    (WindowsBuild.SERVER_2022, HostClass.C, "2016 and later"),
    (WindowsBuild.SERVER_2012_R2, HostClass.B, "2012 R2"),
    (WindowsBuild.SERVER_2012, HostClass.A, "2012"),
    (WindowsBuild.SERVER_2008_R2, HostClass.A, "2008 R2"),
)


class GenericText(Struct, frozen=True, kw_only=True):
    """`windows`: the versions that the text is for, newest first. Those without one of their own share the first."""

    variant: str
    windows: tuple[str, ...]
    text: FixText

    @property
    def title(self) -> str:
        return f"{self.variant[:1].upper()}{self.variant[1:]}, {', '.join(self.windows)}"


def generic_texts(fix: Fix, rule: Rule) -> list[GenericText]:
    """Every variant that is meant for the rule, for each Windows version that rule and variant apply to."""
    found: list[GenericText] = []
    for variant in fix.variants:
        if rule.id in variant.rules:
            found += _by_version(fix, variant, rule)
    return found


def _by_version(fix: Fix, variant: Variant, rule: Rule) -> Iterator[GenericText]:
    versions: dict[tuple[object, ...], list[str]] = {}
    texts: dict[tuple[object, ...], FixText] = {}
    for build, host_class, name in VERSIONS:
        if host_class not in rule.applies_to & variant.classes:
            continue
        case = Case(rule=rule.id, build=build)
        text = write_recipe(fix, variant.name, variant.write(case), case)
        key: tuple[object, ...] = (text.recipe, text.commands, text.no_commands, text.verify, text.undo)
        versions.setdefault(key, []).append(name)
        texts.setdefault(key, text)
    for key, names in versions.items():
        text = structs.replace(texts[key], windows=", ".join(names))
        yield GenericText(variant=variant.name, windows=tuple(names), text=text)
