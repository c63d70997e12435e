"""VM-CLUSTER: the cluster resource of a clustered VM is online on this node."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.unconfirmed import NOTHING, OFFLINE_LABEL, C, Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Scope, Section, Severity, VMState

# The two enumerations differ: a resource is online at 2, a group at 0.
RESOURCE_ONLINE, RESOURCE_OFFLINE, RESOURCE_FAILED = 2, 3, 4
GROUP_ONLINE, GROUP_OFFLINE, GROUP_FAILED = 0, 1, 2


@rule(
    id="VM-CLUSTER",
    title="The clustered VM's resource is online on this node",
    scope=Scope.VM,
    severity=Severity.WARNING,
    needs=(Section.VMS, Section.CLUSTER),
    precondition=True,
    sources=("DPM", "MS-CLUSGROUP", "MS-BR"),
    unconfirmed=(
        *OFFLINE_LABEL,
        Unconfirmed("What the numbers of the resource's state mean: background knowledge.", weakens=NOTHING),
        Unconfirmed("Since 2016, on path wmi: what a VM means that runs while its cluster resource is offline.", C),
    ),
    fix="F11",
)
def cluster_resource_online(host: HostView) -> Iterator[Statement]:
    """The writer takes a VM whose cluster group is offline as offline. The writer knows nothing else of clusters: a
    VM that it saves looks to the cluster like one that failed.
    """
    for vm in host.vms:
        yield _judge(host, vm)


def _judge(host: HostView, vm: VMView) -> Statement:
    group = vm.group
    if group is None:
        if vm.facts.is_clustered is False or (host.has_no_cluster and not vm.facts.is_clustered):
            return not_applicable(vm, "the VM is not clustered")
        if host.evidence.cluster is None or host.evidence.cluster.groups is None:
            return unknown(vm, host.why(Section.CLUSTER, "groups"))
        if vm.facts.is_clustered is None:
            return unknown(vm, host.why(Section.VMS, "vms.is_clustered"))
        return unknown(vm, "the cluster showed no group of this VM")
    if vm.state in (VMState.OFF, VMState.SAVED):
        return not_applicable(vm, "the VM is not running, so its resource is offline on purpose")
    node = host.evidence.identity.computer_name if host.evidence.identity else None
    if group.owner_node and node and _short(group.owner_node) != _short(node):
        return unknown(vm, f"the group is owned by {group.owner_node}: audit that node")
    resource, of_group = group.resource_state, group.group_state
    if resource == RESOURCE_ONLINE or (resource is None and of_group == GROUP_ONLINE):
        return passed(vm)
    if resource in (RESOURCE_OFFLINE, RESOURCE_FAILED):
        return failed(vm, measured=f"resource {'offline' if resource == RESOURCE_OFFLINE else 'failed'}")
    if resource is None and of_group in (GROUP_OFFLINE, GROUP_FAILED):
        return failed(vm, measured=f"group {'offline' if of_group == GROUP_OFFLINE else 'failed'}")
    if resource is None and of_group is None:
        return unknown(vm, host.why(Section.CLUSTER, "groups.resource_state"))
    return unknown(vm, f"the resource is between states (resource {resource}, group {of_group}): ask again")


def _short(name: str) -> str:
    return name.split(".", 1)[0].lower()
