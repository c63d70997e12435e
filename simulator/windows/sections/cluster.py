"""Section `cluster`: what the FailoverClusters module says; skipped on a host without a cluster."""

from datetime import datetime

from simulator.windows.cluster import Cluster, SharedVolume
from simulator.windows.host import WindowsHost
from simulator.windows.sections.reading import Gap, Reading
from simulator.windows.storage import bytes_of

NO_CLUSTER = "no running cluster service"
# Whether there is a cluster is asked of the service manager.
HIDDEN_SERVICES = "denied: System.UnauthorizedAccessException"
ONLINE = 2  # ClusterResourceState


def read(host: WindowsHost, now: datetime, anchor: datetime) -> Reading:
    if not host.is_administrator:
        return Reading(None, status="denied", reason=HIDDEN_SERVICES)
    if host.cluster is None or host.services.get("ClusSvc") == "stopped":
        return Reading(None, status="skipped", reason=NO_CLUSTER)
    cluster, version, gaps = host.cluster, host.version, []
    if not version.knows_generations:
        gaps.append(Gap("shared_volumes.node_states", "absent", "CommandNotFoundException"))
    if not version.knows_checkpoint_types:
        gaps.append(Gap("functional_level", "absent"))
    data: dict[str, object] = {
        "cluster_name": cluster.name,
        "cluster_id": cluster.cluster_id,
        "functional_level": cluster.functional_level if version.knows_checkpoint_types else None,
        "nodes": [
            {"name": node.name, "node_id": str(number), "build": node.build, "state": node.state}
            for number, node in enumerate(cluster.nodes, start=1)
        ],
        "groups": [
            {
                "name": group.name,
                "vm_id": group.vm_id,
                "owner_node": group.owner,
                "group_state": group.group_state,
                "resource_state": group.resource_state,
            }
            for group in cluster.groups
        ],
        "shared_volumes": [
            _shared_volume(cluster, volume, with_nodes=version.knows_generations) for volume in cluster.shared_volumes
        ],
    }
    return Reading(data, gaps)


def _shared_volume(cluster: Cluster, volume: SharedVolume, *, with_nodes: bool) -> dict[str, object]:
    direct = volume.access == "Direct"
    return {
        "name": volume.name,
        "path": volume.path,
        "volume_id": volume.volume_id,
        "file_system": volume.file_system,
        "capacity_bytes": bytes_of(volume.capacity_gb),
        "free_bytes": bytes_of(volume.free_gb),
        "owner_node": volume.owner,
        "state": ONLINE,
        "fault_state": 0,
        "in_maintenance": volume.in_maintenance,
        "is_redirected": volume.access == "FileSystemRedirected",
        "node_states": [{"node": n.name, "state": volume.access, "is_direct": direct} for n in cluster.nodes]
        if with_nodes
        else None,
    }
