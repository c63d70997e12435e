"""Evidence that contradicts itself: two places of one reading that cannot both be right, each told with its source.

Nothing is decided here. A rule may believe one of the two; a page shows that there were two.
"""

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from audits.judgement.evidence.services import Service
from audits.judgement.evidence.writers import HYPER_V_WRITER
from audits.judgement.result import Subject
from audits.judgement.view import HostView, VMView
from audits.judgement.vm_state import state_in_words
from audits.judgement.words import VMState

# Numbers as in the rule VM-CLUSTER: a resource is online at 2, a group at 0.
RESOURCE_ONLINE, GROUP_ONLINE = 2, 0
# Integration component: 12 no contact, 13 lost communication.
NOT_ANSWERING = (12, 13)
BACKUP_SERVICE_IN_GUEST = "vmicvss"
RUNNING = "running"


class Contradiction(Struct, frozen=True, gc=False):
    """`first` and `second` say what each source tells, source first. `kind` names the comparison."""

    kind: str
    subject: Subject
    first: str
    second: str

    @property
    def sentence(self) -> str:
        return f"{self.first}, but {self.second}"


def contradictions_of(host: HostView) -> tuple[Contradiction, ...]:
    """All of them, the host's own first, then by VM. Missing evidence contradicts nothing. One pass over the VMs."""
    return (*_of_host(host), *(each for vm in host.vms for each in _of_vm(host, vm)))


def _of_host(host: HostView) -> Iterator[Contradiction]:
    yield from _counts(host)
    yield from _doubles(host)
    yield from _vmms(host)
    yield from _writer_without_writer(host)
    yield from _unknown_components(host)
    yield from _build_of_this_node(host)


def _of_vm(host: HostView, vm: VMView) -> Iterator[Contradiction]:
    yield from _cluster_and_state(host, vm)
    yield from _clustered_or_not(vm)
    yield from _owner(host, vm)
    yield from _two_builds(vm)
    yield from _service_in_the_guest(vm)


def _counts(host: HostView) -> Iterator[Contradiction]:
    """Fewer shown than registered is told by the rules as well; more is something that only this tells."""
    section = host.evidence.vms
    if section is None or section.vms is None or section.registered_count is None:
        return
    shown = len({vm.vm_id.lower() for vm in section.vms})
    if shown != section.registered_count:
        yield Contradiction(
            "vm_counts",
            host.subject,
            f"Get-VM shows {shown} VMs",
            f"Hyper-V's WMI (Msvm_ComputerSystem) has {section.registered_count} registered",
        )


def _doubles(host: HostView) -> Iterator[Contradiction]:
    rows = (host.evidence.vms.vms or ()) if host.evidence.vms else ()
    for vm_id, times in Counter(row.vm_id.lower() for row in rows).items():
        told = {(row.name, row.state) for row in rows if row.vm_id.lower() == vm_id}
        if times > 1 and len(told) > 1:
            names = " and ".join(sorted({f"“{name}” ({state_in_words(state)})" for name, state in told}))
            yield Contradiction("vm_listed_twice", host.subject, f"Get-VM lists {vm_id} {times} times", f"as {names}")


def _vmms(host: HostView) -> Iterator[Contradiction]:
    service = (host.services or {}).get("vmms")
    if host.vms and service is not None and service.state is not None and not _runs(service):
        yield Contradiction(
            "vmms",
            host.subject,
            f"the service manager says that vmms is {service.state}",
            f"vmms answered with {len(host.vms)} VMs",
        )


def _writer_without_writer(host: HostView) -> Iterator[Contradiction]:
    section = host.evidence.writers
    if section is None or not section.components or section.writers is None:
        return
    if all(writer.writer_id.lower() != HYPER_V_WRITER for writer in section.writers):
        yield Contradiction(
            "hyper_v_writer",
            host.subject,
            "vssadmin lists no Hyper-V writer",
            f"diskshadow shows that writer with {len(section.components)} components",
        )


def _unknown_components(host: HostView) -> Iterator[Contradiction]:
    section = host.evidence.writers
    if section is None or not section.components or host.why_vms_unknown is not None:
        return
    known = {vm.subject.id for vm in host.vms}
    unknown = sorted({component.vm_id.lower() for component in section.components} - known)
    if unknown:
        shown = ", ".join(unknown[:3]) + (f" and {len(unknown) - 3} more" if len(unknown) > 3 else "")
        yield Contradiction(
            "writer_lists_unknown_vm", host.subject, f"the VSS writer lists {shown}", "Get-VM shows no such VM"
        )


def _build_of_this_node(host: HostView) -> Iterator[Contradiction]:
    name, nodes = _this_node(host), (host.evidence.cluster.nodes or ()) if host.evidence.cluster else ()
    for node in nodes:
        if name is None or _short(node.name) != name or None in (node.build, host.build) or node.build == host.build:
            continue
        yield Contradiction(
            "node_build",
            host.subject,
            f"Windows says that its build is {host.build}",
            f"the cluster says that this node's is {node.build}",
        )


def _cluster_and_state(host: HostView, vm: VMView) -> Iterator[Contradiction]:
    """Online in the cluster and not running on its own node. The other way round is what VM-CLUSTER is about."""
    group = vm.group
    if group is None or vm.state not in (VMState.OFF, VMState.SAVED) or not _is_owner(host, vm):
        return
    resource = group.resource_state
    if resource == RESOURCE_ONLINE or (resource is None and group.group_state == GROUP_ONLINE):
        yield Contradiction(
            "cluster_state",
            vm.subject,
            f"Get-VM says that the VM is {state_in_words(vm.facts.state)}",
            f"the cluster says that its {'resource' if resource is not None else 'group'} is online on this node",
        )


def _clustered_or_not(vm: VMView) -> Iterator[Contradiction]:
    if vm.group is not None and vm.facts.is_clustered is False:
        yield Contradiction(
            "is_clustered",
            vm.subject,
            "Get-VM says that the VM is not clustered",
            f"the cluster has a group for it ({vm.group.name[:60]})",
        )


def _owner(host: HostView, vm: VMView) -> Iterator[Contradiction]:
    """A VM that runs here and belongs to another node: perhaps it moved between the two readings."""
    if vm.group is not None and vm.state is VMState.RUNNING and not _is_owner(host, vm):
        yield Contradiction(
            "owner_node",
            vm.subject,
            "Get-VM shows the VM running on this node",
            f"the cluster says that {vm.group.owner_node} owns it; it may have moved while the host was read",
        )


def _two_builds(vm: VMView) -> Iterator[Contradiction]:
    """What the guest says through Data Exchange against what it says when asked inside."""
    exchanged, inside = (vm.guest.os_build if vm.guest else None), (vm.inside.os_build if vm.inside else None)
    if inside is None or exchanged is None or not exchanged.isdecimal() or int(exchanged[:9]) == inside:
        return
    yield Contradiction(
        "guest_build",
        vm.subject,
        f"the guest says build {exchanged[:9]} through Data Exchange",
        f"inside it the build is {inside}",
    )


def _service_in_the_guest(vm: VMView) -> Iterator[Contradiction]:
    services = (vm.inside.services or ()) if vm.inside else ()
    inside = next((each for each in services if each.name.lower() == BACKUP_SERVICE_IN_GUEST), None)
    status = vm.backup_service.primary_status if vm.backup_service else None
    if inside is not None and _runs(inside) and vm.backup_service_offered and status in NOT_ANSWERING:
        yield Contradiction(
            "backup_service_in_guest",
            vm.subject,
            f"the host says that the guest's backup service does not answer (status {status})",
            "inside the guest vmicvss is running",
        )


def _runs(service: Service) -> bool:
    return (service.state or "").lower() == RUNNING


def _is_owner(host: HostView, vm: VMView) -> bool:
    """Whether the cluster names this node as the VM's, as far as both are known."""
    node, owner = _this_node(host), vm.group.owner_node if vm.group else None
    return node is None or owner is None or _short(owner) == node


def _this_node(host: HostView) -> str | None:
    name = host.evidence.identity.computer_name if host.evidence.identity else None
    return _short(name) if name else None


def _short(name: str) -> str:
    return name.split(".", 1)[0].lower()
