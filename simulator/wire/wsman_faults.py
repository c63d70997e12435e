"""WSManFaults by code: what Windows calls them, and whose fault they are.

Texts and subcodes of 2150858793, 2150858843 and 87 were recorded; those of the quotas follow Microsoft's wsman error
list and have not been compared with a real host.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ACCESS_DENIED = 5
INVALID_PARAMETER = 87
RESOURCE_NOT_FOUND = 2150858752
OPERATION_TIMED_OUT = 2150858793
INVALID_SELECTORS = 2150858843
SHELLS_PER_USER = 2150859173
OPERATIONS_PER_USER = 2150859174
SYSTEM_LOAD = 2150859175
USERS = 2150859179
COMMANDS_PER_SHELL = 2150859241


@dataclass(frozen=True)
class FaultText:
    """How one code is worded."""

    subcode: str
    reason: str
    sender: bool = True
    detail: str = ""


_CANNOT = "The WS-Management service cannot process the request"

TEXTS: Mapping[int, FaultText] = {
    ACCESS_DENIED: FaultText("w:AccessDenied", "Access is denied. "),
    INVALID_PARAMETER: FaultText("w:InvalidParameter", "The parameter is incorrect. ", detail="InvalidValue"),
    RESOURCE_NOT_FOUND: FaultText(
        "a:DestinationUnreachable",
        f"{_CANNOT}. The service cannot find the resource identified by the resource URI and selectors. ",
        detail="InvalidResourceURI",
    ),
    OPERATION_TIMED_OUT: FaultText(
        "w:TimedOut",
        "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  ",
        sender=False,
    ),
    INVALID_SELECTORS: FaultText(
        "w:InvalidSelectors",
        f"{_CANNOT} because the request contained invalid selectors for the resource. ",
        detail="UnexpectedSelectors",
    ),
    SHELLS_PER_USER: FaultText(
        "w:QuotaLimit",
        f"{_CANNOT}. The maximum number of concurrent shells for this user has been exceeded. "
        "Close existing shells or raise the quota for this user. ",
    ),
    OPERATIONS_PER_USER: FaultText(
        "w:QuotaLimit",
        f"{_CANNOT}. The maximum number of concurrent operations for this user has been exceeded. "
        "Close existing operations for this user, or raise the quota for this user. ",
    ),
    SYSTEM_LOAD: FaultText(
        "w:QuotaLimit",
        f"{_CANNOT}. The system load quota has been exceeded. Send future requests at a slower rate. ",
    ),
    USERS: FaultText(
        "w:QuotaLimit",
        f"{_CANNOT}. The maximum number of users executing shell operations has been exceeded. "
        "Retry after sometime or raise the quota for concurrent shell users. ",
    ),
    COMMANDS_PER_SHELL: FaultText(
        "w:QuotaLimit",
        f"{_CANNOT}. The maximum number of concurrent commands per shell has been exceeded. "
        "Close existing commands or raise the quota. ",
    ),
}

QUOTA_CODES: Mapping[str, int] = {
    "shells_per_user": SHELLS_PER_USER,
    "operations_per_user": OPERATIONS_PER_USER,
    "load": SYSTEM_LOAD,
    "users": USERS,
    "commands_per_shell": COMMANDS_PER_SHELL,
}


class WsmanFault(Exception):
    """An operation ends in a WSManFault."""

    def __init__(self, code: int) -> None:
        super().__init__(f"WSManFault {code}: {TEXTS[code].reason}")
        self.code = code
        self.text = TEXTS[code]
