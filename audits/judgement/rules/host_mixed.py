"""HOST-MIXED: all nodes of the cluster run one Windows version, and the cluster knows it."""

from collections.abc import Iterator

from audits.judgement.evidence import Cluster
from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import SINCE_2016, rule
from audits.judgement.unconfirmed import NOTHING, Unconfirmed
from audits.judgement.view import HostView
from audits.judgement.words import Confidence, Scope, Section, Severity, WindowsBuild

# Functional level of a cluster by the build of its nodes. From 11 on they are background knowledge.
LEVELS = {
    WindowsBuild.SERVER_2016: 9,
    WindowsBuild.SERVER_2019: 10,
    WindowsBuild.SERVER_2022: 11,
    WindowsBuild.SERVER_2025: 12,
}
FIRST_UNCONFIRMED_LEVEL = 11


@rule(
    id="HOST-MIXED",
    title="The cluster's nodes run one Windows version and its functional level is raised",
    scope=Scope.HOST,
    severity=Severity.WARNING,
    needs=(Section.CLUSTER,),
    applies_to=SINCE_2016,
    sources=("VEEAMLIM", "MAURER"),
    unconfirmed=(
        Unconfirmed("The functional levels of 2022 and 2025, against which the cluster's is held.", weakens=NOTHING),
        Unconfirmed("That a node reports its build number under that name: background knowledge.", weakens=NOTHING),
    ),
    fix="F9",
)
def cluster_is_uniform(host: HostView) -> Iterator[Statement]:
    """In a mixed cluster, or one whose functional level was not raised after an upgrade, backup products fall back to
    the way they worked before 2016, through the host's VSS writer. The builds of the nodes decide; the level is a hint.
    """
    if host.has_no_cluster:
        yield not_applicable(host, "the host is in no cluster")
        return
    cluster = host.evidence.cluster
    if cluster is None or not cluster.nodes:
        yield unknown(host, host.why(Section.CLUSTER, "nodes"))
        return
    yield _judge(host, cluster)


def _judge(host: HostView, cluster: Cluster) -> Statement:
    builds = {node.build for node in cluster.nodes or ()}
    known = sorted(build for build in builds if build is not None)
    if len(known) > 1:
        return failed(host, measured=f"nodes of builds {', '.join(map(str, known))}")
    if None in builds:
        return unknown(host, host.why(Section.CLUSTER, "nodes.build"))
    level = cluster.functional_level
    if level is None:
        return unknown(host, host.why(Section.CLUSTER, "functional_level"))
    expected = max((LEVELS[first] for first in LEVELS if known[0] >= first), default=0)
    confidence = Confidence.LOW if expected >= FIRST_UNCONFIRMED_LEVEL else Confidence.HIGH
    if level < expected:
        measured = f"functional level {level}, {expected} expected for build {known[0]}"
        return failed(host, measured=measured, confidence=confidence)
    return passed(host, f"functional level {level}", confidence=confidence)
