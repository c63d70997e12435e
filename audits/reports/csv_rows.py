"""Rows from PostgreSQL as RFC 4180: COPY writes them, nothing is collected in memory."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

# One write per this much: a row at a time costs more than the rows themselves.
CHUNK_BYTES = 64 * 1024


def guarded(expression: str) -> str:
    """SQL of a text cell that a spreadsheet does not take for a formula (OWASP: a leading apostrophe)."""
    starts_like_one = f"left({expression}, 1) IN ('=', '+', '-', '@', E'\\t', E'\\r')"
    return f"CASE WHEN {starts_like_one} THEN '''' || {expression} ELSE {expression} END"


def time_in_utc(expression: str) -> str:
    return f"""to_char({expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""


def true_or_false(expression: str) -> str:
    return f"CASE WHEN {expression} THEN 'true' ELSE 'false' END"


def csv_rows(
    columns: dict[str, str], source: str, order: str, chosen: QuerySet[Any], parameters: Sequence[Any]
) -> Iterator[bytes]:
    """Header and rows as chunks of bytes. In `source`, the FROM clause, {chosen} stands for the query set's SQL.

    An empty cell is one that is not known: no text in it is ever "". Costs a cursor until it is exhausted.
    """
    yield (",".join(columns) + "\r\n").encode()
    try:
        wanted, wanted_parameters = chosen.query.sql_with_params()
    except EmptyResultSet:
        return
    cells = ", ".join(f"NULLIF(({expression})::text, '')" for expression in columns.values())
    query = f"COPY (SELECT {cells} {source.format(chosen=wanted)} ORDER BY {order}) TO STDOUT WITH (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(query, [*parameters, *wanted_parameters]) as copy:
        buffer = bytearray()
        for row in copy:  # PostgreSQL sends every row in a message of its own (protocol, COPY operations)
            buffer += bytes(row)[:-1] + b"\r\n"
            if len(buffer) >= CHUNK_BYTES:
                yield bytes(buffer)
                buffer.clear()
        yield bytes(buffer)
