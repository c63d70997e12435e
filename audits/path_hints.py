"""What the stored evidence hints about the backup path of each host of a customer, and of the customer as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass

from audits import access
from audits.judgement.path_hint import PathHint, hint_for_customer, hint_for_host
from audits.judgement.words import BackupPath, Confidence
from audits.models import HostState
from audits.pipeline.rejudge import EvidenceNotAtHand, stored_evidence
from fleet.access import Viewer
from fleet.models import Host


@dataclass(frozen=True, slots=True)
class HostHint:
    host: Host
    state: HostState | None
    hint: PathHint

    @property
    def has_one_path(self) -> bool:
        """Up to 2012 R2 the setting changes nothing."""
        return self.state is not None and self.state.host_class in ("A", "B")


def hints_of(viewer: Viewer, hosts: Iterable[Host]) -> list[HostHint]:
    """One hint per host, in the order given. Two queries and a pass over the evidence per host that was read."""
    rows = list(hosts)
    states = {state.host_id: state for state in access.host_states(viewer).filter(host__in=rows)}
    return [HostHint(host, states.get(host.pk), _hint(states.get(host.pk))) for host in rows]


def hint_of_all(hints: Iterable[HostHint]) -> PathHint | None:
    """One suggestion for the customer; None while no host was read."""
    read = [each.hint for each in hints if each.state is not None and each.state.evidence_at is not None]
    return hint_for_customer(read) if read else None


def _hint(state: HostState | None) -> PathHint:
    if state is None:
        return PathHint(BackupPath.UNKNOWN, Confidence.NONE, ("the host was not read yet",))
    try:
        return hint_for_host(stored_evidence(state))
    except EvidenceNotAtHand as reason:
        return PathHint(BackupPath.UNKNOWN, Confidence.NONE, (str(reason),))
