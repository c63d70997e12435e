"""The committed schemas are those of the evidence types."""

import pytest

from audits.judgement.words import Section
from tests.estate.schemas import FOLDER, path_of, text_of


@pytest.mark.parametrize("section", Section)
def test_the_committed_schema_is_the_one_of_the_evidence_type(section: Section) -> None:
    assert path_of(section).read_text(encoding="utf-8") == text_of(section), (
        f"{path_of(section).name} is out of date: run python -m tests.estate.schemas"
    )


def test_there_is_no_schema_of_a_section_that_does_not_exist() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == {path_of(section).name for section in Section}
