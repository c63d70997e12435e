"""One record, one line: a host's name or an exception's text cannot forge a second one, nor drive a terminal."""

import logging
import time


class OneLine(logging.Formatter):
    """`2026-11-23T02:00:00Z WARNING audits.pipeline text`, with every control character written as an escape."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%SZ"
    default_msec_format = ""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return "".join(character if character.isprintable() else _escaped(character) for character in line)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
