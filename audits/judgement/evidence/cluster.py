"""Section `cluster`: nodes, VM groups, Cluster Shared Volumes. Skipped where no cluster service runs."""

from typing import ClassVar

from audits.judgement.evidence.types import Bytes, Evidence, Guid, Path, Text


class ClusterNode(Evidence, frozen=True, kw_only=True):
    name: Text
    node_id: Text | None = None
    build: int | None = None
    state: int | None = None  # 0 up, 1 down, 2 paused, 3 joining


class ClusterGroup(Evidence, frozen=True, kw_only=True):
    """Group and virtual machine resource of one clustered VM. Mind that their two state enums differ."""

    name: Text
    vm_id: Guid | None = None
    owner_node: Text | None = None
    group_state: int | None = None  # -1 unknown, 0 online, 1 offline, 2 failed, 3 partial, 4 pending
    resource_state: int | None = None  # 2 online, 3 offline, 4 failed, 128+ pending


class SharedVolume(Evidence, frozen=True, kw_only=True):
    """A Cluster Shared Volume as this node sees it."""

    VOLATILE: ClassVar[tuple[str, ...]] = ("free_bytes",)

    name: Text
    path: Path | None = None  # C:\ClusterStorage\Volume1
    volume_id: Path | None = None
    file_system: Text | None = None
    capacity_bytes: Bytes | None = None
    free_bytes: Bytes | None = None
    owner_node: Text | None = None
    state: int | None = None  # cluster resource state: 2 online
    fault_state: int | None = None  # 0 no faults
    in_maintenance: bool | None = None
    is_redirected: bool | None = None
    node_states: tuple["SharedVolumeNodeState", ...] | None = None


class SharedVolumeNodeState(Evidence, frozen=True, kw_only=True):
    """How one node reaches a Cluster Shared Volume (Get-ClusterSharedVolumeState, 2012 R2 and later)."""

    node: Text
    state: Text | None = None  # Direct, FileSystemRedirected, BlockRedirected
    is_direct: bool | None = None


class Cluster(Evidence, frozen=True, kw_only=True):
    cluster_name: Text | None = None
    cluster_id: Guid | None = None
    functional_level: int | None = None
    nodes: tuple[ClusterNode, ...] | None = None
    groups: tuple[ClusterGroup, ...] | None = None
    shared_volumes: tuple[SharedVolume, ...] | None = None
