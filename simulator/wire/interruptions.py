"""How an exchange can end without an answer; the connection carries these out."""

from __future__ import annotations

from typing import Literal


class ConnectionBroken(Exception):
    """The connection is cut instead of answered."""

    def __init__(self, how: Literal["rst", "fin"]) -> None:
        super().__init__(how)
        self.how = how


class NeverAnswered(Exception):
    """The host stays silent until the client gives up."""
