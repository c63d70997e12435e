"""One record, one line, whatever a host is called."""

import logging

import pytest

from config.log_lines import OneLine


def formatted(message: str, *values: object) -> str:
    record = logging.LogRecord("audits.pipeline", logging.WARNING, __file__, 1, message, values, None)
    record.created = 1795399200.0
    return OneLine().format(record)


def test_a_line_says_when_how_bad_where_and_what() -> None:
    assert formatted("host %s is away", "hv01") == "2026-11-23T02:00:00Z WARNING audits.pipeline host hv01 is away"


@pytest.mark.parametrize("hostile", ["a\nb", "a\r\nb", "a\u2028b", "a\x1b[31mb", "a\u202eb", "a\x00b"])
def test_text_of_a_host_can_neither_forge_a_line_nor_drive_a_terminal(hostile: str) -> None:
    line = formatted("host %s", hostile)

    assert line.isprintable()
    assert len(line.splitlines()) == 1


def test_a_traceback_stays_on_the_line_of_its_record() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "failed", (), (ValueError, error, error.__traceback__)
        )

    line = OneLine().format(record)

    assert line.isprintable()
    assert "ValueError: first\\nsecond" in line
