"""A failover cluster: what every node says about all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from simulator.windows.guids import guid, volume_id

if TYPE_CHECKING:
    from simulator.windows.host import WindowsHost

Access = Literal["Direct", "FileSystemRedirected", "BlockRedirected"]


@dataclass(frozen=True, kw_only=True)
class SharedVolume:
    """A Cluster Shared Volume. `access`: how every node reaches it; `owner` empty: the first node."""

    name: str
    path: str
    cluster: str = ""
    file_system: str = "CSVFS"
    capacity_gb: float = 8192.0
    free_gb: float = 3100.0
    owner: str = ""
    access: Access = "Direct"
    in_maintenance: bool = False

    @property
    def volume_id(self) -> str:
        return volume_id("csv", self.cluster, self.name)


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node as the others see it. `state`: 0 up, 1 down, 2 paused."""

    name: str
    build: int
    state: int = 0


@dataclass(frozen=True, kw_only=True)
class Group:
    """The cluster group of one clustered VM."""

    name: str
    vm_id: str
    owner: str
    group_state: int
    resource_state: int


@dataclass(frozen=True, kw_only=True)
class Cluster:
    name: str
    nodes: tuple[Node, ...]
    groups: tuple[Group, ...]
    shared_volumes: tuple[SharedVolume, ...]
    functional_level: int | None

    @property
    def cluster_id(self) -> str:
        return guid("cluster", self.name)


def join(
    name: str,
    hosts: Sequence[WindowsHost],
    shared_volumes: Sequence[SharedVolume] = (SharedVolume(name="CSV1", path="C:\\ClusterStorage\\Volume1"),),
    *,
    functional_level: int | None = None,
    absent_nodes: Sequence[Node] = (),
) -> tuple[WindowsHost, ...]:
    """These hosts as one cluster. Without a level given it is that of the oldest node, as after a rolling upgrade."""
    oldest = min(hosts, key=lambda host: host.build)
    cluster = Cluster(
        name=name,
        nodes=tuple(Node(name=host.name, build=host.build) for host in hosts) + tuple(absent_nodes),
        groups=tuple(
            Group(
                name=vm.name,
                vm_id=vm.vm_id,
                owner=host.name,
                group_state=vm.group_state,
                resource_state=vm.resource_state,
            )
            for host in hosts
            for vm in host.vms
            if vm.clustered is not False
        ),
        shared_volumes=tuple(
            replace(volume, cluster=name, owner=volume.owner or hosts[number % len(hosts)].name)
            for number, volume in enumerate(shared_volumes)
        ),
        functional_level=functional_level or oldest.version.functional_level,
    )
    return tuple(replace(host, cluster=cluster) for host in hosts)
