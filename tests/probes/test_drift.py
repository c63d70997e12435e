"""The names that the probe writes are those of the evidence types, both ways, down to the last nested one."""

import types
import typing
from importlib.resources import files

import pytest
from msgspec import Meta, Struct
from tree_sitter import Node

from audits.judgement.evidence.guests import GuestTold
from audits.judgement.words import Section
from tests.estate.schemas import WIRE_TYPES
from tests.probes.syntax import Function, below, functions, keys_of, parse, text

# The outermost type of each part of the probe: what a section holds, and what a guest tells.
ROOTS: dict[str, type[Struct]] = {**{str(name): kind for name, kind in WIRE_TYPES.items()}, "guest": GuestTold}

# Files beside the part's own that write rows for it.
ALSO = {
    Section.WRITERS: ("native",),
    "guest": ("native",),
    Section.VSS_EVENTS: ("events",),
    Section.VM_EVENTS: ("events",),
}

# Where each type is written: function and the variable that holds its fields.
WRITTEN: dict[str, dict[tuple[str, str], str]] = {
    Section.IDENTITY: {("Read-Identity", "data"): "Identity"},
    Section.SERVICES: {("Read-Service", "data"): "Services", ("Read-Service", "fields"): "Service"},
    Section.VOLUMES: {
        ("Read-Volume", "data"): "Volumes",
        ("Read-Volume", "volume_fields"): "Volume",
        ("Read-Volume", "mount_point_fields"): "MountPoint",
        ("Read-Volume", "storage_fields"): "ShadowStorage",
        ("Read-Volume", "provider_fields"): "ShadowProvider",
    },
    Section.CLUSTER: {
        ("Read-Cluster", "data"): "Cluster",
        ("Read-Cluster", "node_fields"): "ClusterNode",
        ("Read-ClusterGroup", "fields"): "ClusterGroup",
        ("Read-SharedVolume", "fields"): "SharedVolume",
        ("Read-SharedVolumeState", "row"): "SharedVolumeNodeState",
    },
    Section.VMS: {
        ("Read-VM", "data"): "VMs",
        ("Read-VM", "fields"): "VirtualMachine",
        ("Read-Integration", "fields"): "IntegrationService",
        ("Read-Disk", "fields"): "Disk",
        ("Read-Checkpoint", "fields"): "Checkpoint",
        ("Read-Image", "image"): "Image",
    },
    Section.GUEST_FACTS: {("Read-GuestFact", "data"): "GuestFacts", ("Read-GuestFact", "guest"): "Guest"},
    Section.VSS_EVENTS: {
        ("Read-VssEvent", "data"): "VssEvents",
        ("Read-ProviderEvent", "Counts[$key]"): "EventCount",
        ("Read-EventLog", "log"): "EventLog",
    },
    Section.VM_EVENTS: {
        ("Read-VMEvent", "data"): "VmEvents",
        ("Read-VMEvent", "source"): "EventSource",
        ("Read-LifeEvent", "row"): "Event",
        ("Read-Meaning", "meaning"): "EventMeaning",
        ("Read-EventLog", "log"): "EventLog",
    },
    Section.JOBS: {("Read-Job", "data"): "Jobs", ("Read-Job", "fields"): "Job"},
    Section.WRITERS: {
        ("Read-Writer", "data"): "Writers",
        ("ConvertFrom-WriterList", "row"): "Writer",
        ("ConvertFrom-ComponentList", "row"): "Component",
    },
    Section.GUESTS: {("Read-Guest", "data"): "GuestAnswers", ("ConvertTo-GuestAnswer", "answer"): "GuestAnswer"},
    "guest": {
        ("Read-Told", "data"): "GuestTold",
        ("Read-GuestService", "service_fields"): "Service",
        ("Read-GuestVolume", "volume_fields"): "GuestVolume",
        ("Read-GuestShadowStorage", "storage_fields"): "GuestShadowStorage",
        ("Read-GuestDisk", "disk_fields"): "GuestDisk",
        ("Read-GuestEvent", "counts[$key]"): "GuestEvent",
        ("ConvertFrom-WriterList", "row"): "Writer",
    },
}

# A part of a type: the fields that one cmdlet or class fills.
PARTS: dict[tuple[str, str], str] = {
    ("Read-Identity", "system_fields"): "Identity",
    ("Read-Identity", "computer_fields"): "Identity",
    ("Read-Cluster", "cluster_fields"): "Cluster",
    ("Read-Image", "fields"): "Image",
    ("Read-GuestSystem", "system_fields"): "GuestTold",
    ("Read-OldGuestDisk", "rows[$key]"): "GuestDisk",
    ("Add-Security", "fields"): "VirtualMachine",
}

# Ordered tables that are no row: what they hold instead.
NO_ROW = {
    ("Read-VssEvent", "providers"): "logs and levels by provider",
    ("Read-VssEvent", "counts"): "rows by provider, id and level",
    ("Read-VMEvent", "providers"): "logs, numbers and whether VMs are named, by provider",
    ("Read-VMEvent", "logs"): "names of logs, each once",
    ("Get-LostVM", "row"): "filled from the fields of VirtualMachine",
    ("Read-GuestEvent", "counts"): "rows by id and level",
    ("Read-OldGuestDisk", "rows"): "rows by number",
}

# What a kind of value becomes, and the longest text it lets through.
KINDS: dict[str, tuple[type, int | None]] = {
    "text": (str, 4096),
    "path": (str, 32767),
    "guid": (str, 64),
    "time": (str, 40),
    "int": (int, None),
    "long": (int, None),
    "bytes": (int, None),
    "kilobytes": (int, None),
    "count": (int, None),
    "ints": (int, None),
    "bool": (bool, None),
}

# Read as text, then cut down to the GUID at its end.
CUT_LATER = {("Read-Integration", "component")}


def source(part: str) -> str:
    folder = files("audits.collect.probes")
    return "\n".join(folder.joinpath(f"{name}.ps1").read_text("ascii") for name in (part, *ALSO.get(part, ())))


def literals(part: str) -> dict[tuple[str, str], dict[str, str]]:
    """The ordered hash literals of a part of the probe by function and variable, with the text of their values."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for function in functions(parse(source(part))).values():
        assert function.body is not None
        for assignment in below(function.body, "assignment_expression"):
            target, value = text(assignment.named_children[0]), assignment.named_children[-1]
            if text(value).startswith("[ordered]@{"):
                literal = next(below(value, "hash_literal_expression"))
                found[(function.name, target.lstrip("$"))] = keys_of(literal)
    return found


def nested_types(kind: type[Struct]) -> dict[str, type[Struct]]:
    found = {kind.__name__: kind}
    for hint in typing.get_type_hints(kind, include_extras=True).values():
        for part in _parts(hint):
            if isinstance(part, type) and issubclass(part, Struct) and part.__name__ not in found:
                found |= nested_types(part)
    return found


def _parts(hint: object) -> list[object]:
    inner = typing.get_args(hint)
    return [hint] if not inner else [part for each in inner for part in _parts(each)]


@pytest.mark.parametrize("part", ROOTS)
def test_every_type_of_the_section_is_written_once(part: str) -> None:
    assert sorted(WRITTEN[part].values()) == sorted(nested_types(ROOTS[part]))


@pytest.mark.parametrize("part", ROOTS)
def test_the_probe_writes_exactly_the_fields_of_each_type(part: str) -> None:
    known = nested_types(ROOTS[part])
    written = literals(part)
    for place, name in WRITTEN[part].items():
        assert list(written[place]) == list(known[name].__struct_fields__), place


@pytest.mark.parametrize("part", ROOTS)
def test_no_other_row_is_written(part: str) -> None:
    assert set(literals(part)) - set(WRITTEN[part]) - set(PARTS) - set(NO_ROW) == set()


def test_no_exemption_is_stale() -> None:
    everything = {place for part in ROOTS for place in literals(part)}
    assert set(PARTS) | set(NO_ROW) <= everything


@pytest.mark.parametrize("part", ROOTS)
def test_parts_have_only_fields_of_their_type(part: str) -> None:
    known = nested_types(ROOTS[part])
    for place, keys in literals(part).items():
        if place in PARTS:
            assert set(keys) <= set(known[PARTS[place]].__struct_fields__), place


@pytest.mark.parametrize("part", ROOTS)
def test_fields_set_by_name_exist(part: str) -> None:
    """`$data['x'] = ..` makes a new field out of a misspelt name."""
    names = {field for kind in nested_types(ROOTS[part]).values() for field in kind.__struct_fields__}
    for function in functions(parse(source(part))).values():
        for target in _set_by_name(function):
            owner, key = text(target.named_children[0]), text(target.named_children[-1]).strip("'")
            if owner in ("$data", "$row", "$image", "$guest", "$answer", "$log", "$count", "$source", "$meaning"):
                assert key in names, f"{function.name}: {text(target)}"


def _set_by_name(function: Function) -> list[Node]:
    assert function.body is not None
    found = []
    for assignment in below(function.body, "assignment_expression"):
        target = next(below(assignment.named_children[0], "element_access"), None)
        if target is not None and text(target.named_children[-1]).startswith("'"):
            found.append(target)
    return found


@pytest.mark.parametrize("part", ROOTS)
def test_each_kind_of_value_fits_its_field(part: str) -> None:
    known = nested_types(ROOTS[part])
    for place, keys in literals(part).items():
        name = WRITTEN[part].get(place) or PARTS.get(place)
        for field, value in keys.items() if name is not None else ():
            if value.count("'") != 4:
                continue
            kind = value.split("'")[3]
            hint = typing.get_type_hints(known[str(name)], include_extras=True)[field]
            wanted, longest = _fits(hint)
            made, length = KINDS[kind]
            assert made is wanted, f"{place} {field}: {kind}"
            assert (kind == "ints") == (tuple in _origins(hint)), f"{place} {field}: {kind}"
            if length is not None and (place[0], field) not in CUT_LATER:
                assert longest is not None and length <= longest, f"{place} {field}: {kind}"


def _fits(hint: object) -> tuple[type, int | None]:
    """The plain type of a field and the longest text it takes."""
    longest: int | None = None
    plain: type = object
    for part in _parts(hint):
        if isinstance(part, Meta):
            longest = part.max_length
        elif part is not Ellipsis and part is not types.NoneType and isinstance(part, type):
            plain = part
    return plain, longest


def _origins(hint: object) -> set[object]:
    return {typing.get_origin(hint)} | {origin for each in typing.get_args(hint) for origin in _origins(each)}
