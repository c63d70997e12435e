"""What changes between two audits of an unchanged host leaves the evidence, so that equal evidence is stored once."""

from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec

from audits.judgement.evidence import Evidence

# The volatile fields of one piece of evidence, and under the name of a list field those of its items, by position.
Samples = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """For one evidence type: the volatile fields with their defaults, and the list fields whose items have some."""

    defaults: dict[str, Any]
    lists: tuple[tuple[str, "_Plan"], ...]

    @property
    def changes_something(self) -> bool:
        return bool(self.defaults or self.lists)


@cache
def _plan_of(evidence_type: type[Evidence]) -> _Plan:
    volatile = getattr(evidence_type, "VOLATILE", ())
    defaults = {field.name: field.default for field in msgspec.structs.fields(evidence_type) if field.name in volatile}
    nested = (
        (name, _plan_of(item_type))
        for name, hint in get_type_hints(evidence_type).items()
        if (item_type := _item_type_of(hint)) is not None
    )
    return _Plan(defaults, tuple((name, plan) for name, plan in nested if plan.changes_something))


def _item_type_of(hint: Any) -> type[Evidence] | None:
    """X for `tuple[X, ...] | None` where X is evidence."""
    for part in (hint, *get_args(hint)):
        item = next(iter(get_args(part)), None)
        if isinstance(item, type) and issubclass(item, Evidence):
            return item
    return None


def split(data: Evidence) -> tuple[Evidence, Samples]:
    """The stable part (volatile fields at their defaults) and the samples. `join` puts them together again."""
    return _split(data, _plan_of(type(data)))


def _split(data: Evidence, plan: _Plan) -> tuple[Evidence, Samples]:
    changes = dict(plan.defaults)
    samples: Samples = {name: getattr(data, name) for name in plan.defaults}
    for name, item_plan in plan.lists:
        items = getattr(data, name)
        if items is not None:
            pairs = [_split(item, item_plan) for item in items]
            changes[name] = tuple(stable for stable, _ in pairs)
            samples[name] = [sample for _, sample in pairs]
    return msgspec.structs.replace(data, **changes), samples


def join(stable: Evidence, samples: Samples) -> Evidence:
    """The evidence as it arrived. Samples of another shape, as from an older version, are left out."""
    return _join(stable, samples, _plan_of(type(stable)))


def _join(stable: Evidence, samples: Samples, plan: _Plan) -> Evidence:
    changes = {name: samples[name] for name in plan.defaults if name in samples}
    for name, item_plan in plan.lists:
        items, values = getattr(stable, name), samples.get(name)
        if items is not None and isinstance(values, list) and len(values) == len(items):
            changes[name] = tuple(_join(item, value, item_plan) for item, value in zip(items, values, strict=True))
    return msgspec.structs.replace(stable, **changes)
