"""The JSON schema of every section, generated from the evidence types: what holds the simulator to their shapes.

`python -m tests.estate.schemas` writes them to simulator/schemas; a test says when they are out of date.
"""

import json
from pathlib import Path
from typing import Any, Literal

import msgspec

from audits.collect.guests import GuestAnswers
from audits.judgement.evidence import SCHEMA_VERSION, SECTION_TYPES, Envelope
from audits.judgement.words import Section

FOLDER = Path(__file__).parents[2] / "simulator" / "schemas"


# What a section's data looks like on the wire, where that is not its evidence type itself.
WIRE_TYPES: dict[Section, type[msgspec.Struct]] = {**SECTION_TYPES, Section.GUESTS: GuestAnswers}


def path_of(section: Section) -> Path:
    return FOLDER / f"{section}.schema.json"


def schema_of(section: Section) -> dict[str, Any]:
    """The envelope of this section with the section's own data inside; every field present, and none beside them.

    None beside them, because a field that the evidence types do not know is one that no rule will ever read.
    """
    told: dict[str, Any] = {
        "section": Literal[str(section)],
        "schema_version": Literal[SCHEMA_VERSION],
        "data": WIRE_TYPES[section] | None,
    }
    fields = [(field.name, told.get(field.name, field.type)) for field in msgspec.structs.fields(Envelope)]
    schema = msgspec.json.schema(msgspec.defstruct("SectionEnvelope", fields))
    for definition in schema["$defs"].values():
        if definition.get("type") == "object":
            definition["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def text_of(section: Section) -> str:
    return json.dumps(schema_of(section), indent=1, sort_keys=True) + "\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for section in Section:
        path_of(section).write_text(text_of(section), encoding="utf-8")


if __name__ == "__main__":
    main()
