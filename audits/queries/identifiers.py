"""An id from an address: a UUID, or nothing that any row has."""

from uuid import UUID


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
