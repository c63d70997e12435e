"""VOL-CSV: the Cluster Shared Volume is reached directly."""

from collections.abc import Iterator

from audits.judgement.evidence.cluster import SharedVolume
from audits.judgement.places import VolumeView
from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import ONLY_VSS, rule
from audits.judgement.unconfirmed import Unconfirmed
from audits.judgement.view import HostView
from audits.judgement.words import Confidence, Scope, Section, Severity

ONLINE = 2


@rule(
    id="VOL-CSV",
    title="The Cluster Shared Volume is in direct access on every node",
    scope=Scope.VOLUME,
    severity=Severity.WARNING,
    needs=(Section.VOLUMES, Section.CLUSTER),
    paths=ONLY_VSS,
    sources=("MS-CSVSTATE", "CSVBLOG", "KB2549533"),
    unconfirmed=(
        Unconfirmed("How the access states are spelt; only Direct passes.", at_most=Confidence.MEDIUM),
        Unconfirmed(
            "That redirection of a ReFS volume, which is said to be permanent by design, deserves the warning.",
            at_most=Confidence.MEDIUM,
        ),
    ),
    fix="F11",
)
def shared_volume_is_direct(host: HostView) -> Iterator[Statement]:
    """In redirected access or maintenance, another node reads and writes on this one's behalf, and a backup through
    the host's VSS is slow or refused. Up to 2012 the shared volume must also be backed up from one node at a time.
    """
    cluster = host.evidence.cluster
    if not host.has_no_cluster and (cluster is None or cluster.shared_volumes is None):
        yield unknown(host, host.why(Section.CLUSTER, "shared_volumes"))
        return
    for volume in host.volumes:
        if volume.shared is None:
            yield not_applicable(volume, "not a Cluster Shared Volume")
        else:
            yield _judge(host, volume, volume.shared)


def _judge(host: HostView, volume: VolumeView, shared: SharedVolume) -> Statement:
    if shared.in_maintenance:
        return failed(volume, measured="in maintenance")
    if shared.state is not None and shared.state != ONLINE:
        return failed(volume, measured=f"cluster resource state {shared.state}, not online")
    if shared.fault_state:
        return failed(volume, measured=f"fault state {shared.fault_state}")
    if shared.node_states:
        detours = [node for node in shared.node_states if node.is_direct is False]
        if detours:
            return failed(volume, measured=", ".join(f"{node.node}: {node.state or 'not direct'}" for node in detours))
        if all(node.is_direct for node in shared.node_states):
            return passed(volume)
        return unknown(volume, host.why(Section.CLUSTER, "shared_volumes.node_states"))
    if shared.is_redirected:
        return failed(volume, measured="redirected access")
    if shared.is_redirected is False and shared.in_maintenance is False:
        return passed(volume)
    return unknown(volume, host.why(Section.CLUSTER, "shared_volumes.node_states"))
