"""Hosts whose last audit brought nothing, grouped by cause, with what to do next."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from audits.judgement.outcomes import Cause, cause_of
from audits.models import HostState

BROUGHT_NOTHING = ("unreachable", "denied", "timed_out", "failed")


@dataclass(frozen=True, slots=True)
class CauseGroup:
    cause: Cause
    hosts: list[HostState]

    @property
    def first_hosts(self) -> list[HostState]:
        return self.hosts[:4]

    @property
    def hosts_more(self) -> int:
        return max(0, len(self.hosts) - 4)


def known_cause(outcome: str, code: str) -> Cause | None:
    """The cause in words; None for an ending without one, or one that this version does not know."""
    try:
        return cause_of(outcome, code)
    except (KeyError, ValueError):
        return None


def grouped_by_cause(states: Iterable[HostState]) -> list[CauseGroup]:
    groups: dict[Cause, list[HostState]] = {}
    for state in states:
        cause = known_cause(state.last_outcome, state.last_cause)
        if cause is not None:
            groups.setdefault(cause, []).append(state)
    return sorted(
        (CauseGroup(cause, hosts) for cause, hosts in groups.items()),
        key=lambda group: (-len(group.hosts), group.cause.code),
    )


def unreached(states: QuerySet[HostState]) -> list[CauseGroup]:
    """One query; the most common cause first."""
    return grouped_by_cause(
        states.filter(last_outcome__in=BROUGHT_NOTHING).select_related("host__customer").order_by("host__name")
    )
