"""Which node a VM of a cluster is on, and when it is gone: the younger sighting wins, absence needs the whole home."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

from audits.pipeline.home import Home

_SEEN_YOUNGER_ELSEWHERE = """
    SELECT verdict.virtual_machine_id FROM audits_verdict verdict
    JOIN audits_hoststate state ON state.host_id = verdict.host_id
    WHERE verdict.virtual_machine_id = ANY(%s::uuid[]) AND verdict.host_id <> %s AND verdict.missing_since_at IS NULL
      AND (state.sections -> 'vms' ->> 'seen_at')::timestamptz > %s
"""
_NOT_HERE = """
    SELECT vm.id, vm.host_id IS NOT NULL FROM audits_verdict verdict
    JOIN fleet_virtualmachine vm ON vm.id = verdict.virtual_machine_id
    WHERE verdict.host_id = %s AND NOT verdict.virtual_machine_id = ANY(%s::uuid[])
"""
_MARK_MISSING = """
    UPDATE audits_verdict SET missing_since_at = %s
    WHERE virtual_machine_id = ANY(%s::uuid[]) AND missing_since_at IS NULL
"""
# Every known node must have been read whole since the VM was missed; `whole` is written with each reading.
_MISSED_BY_ALL_NODES = """
    SELECT verdict.virtual_machine_id FROM audits_verdict verdict
    JOIN fleet_virtualmachine vm ON vm.id = verdict.virtual_machine_id
    WHERE vm.cluster_id = %(cluster)s AND verdict.missing_since_at IS NOT NULL
      AND (SELECT count(*) FROM audits_hoststate WHERE cluster_id = %(cluster)s) >= %(nodes)s
      AND NOT EXISTS (
        SELECT 1 FROM audits_hoststate node WHERE node.cluster_id = %(cluster)s AND NOT COALESCE(
            (node.sections -> 'vms' ->> 'whole')::boolean
            AND (node.sections -> 'vms' ->> 'seen_at')::timestamptz >= verdict.missing_since_at, false))
"""


def seen_younger_elsewhere(host_id: UUID, vm_ids: Collection[UUID], seen_at: datetime) -> frozenset[UUID]:
    """Those of these VMs that another node showed after `seen_at`: there they are now."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN_YOUNGER_ELSEWHERE, [list(vm_ids), host_id, seen_at])
        return frozenset(row[0] for row in cursor.fetchall())


def vanished_from(home: Home, vm_ids: Collection[UUID], seen_at: datetime) -> frozenset[UUID]:
    """VMs that are gone by this whole reading of the host: of a host at once, of a cluster when no node has them.

    A VM of a cluster that this node no longer shows may be on its way to another node; it is marked as missing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOT_HERE, [home.host_id, list(vm_ids)])
        not_here = cursor.fetchall()
        gone = {vm_id for vm_id, is_of_host in not_here if is_of_host}
        missing = [vm_id for vm_id, is_of_host in not_here if not is_of_host]
        if missing:
            cursor.execute(_MARK_MISSING, [seen_at, missing])
    return frozenset(gone)


def missed_by_all_nodes(home: Home) -> frozenset[UUID]:
    """VMs of the cluster that every node was read whole without. Call it after this node's reading is stored.

    A node that is no host of ours, or a cluster that did not name its nodes, leaves every VM where it is.
    """
    if home.cluster_id is None or home.nodes is None:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(_MISSED_BY_ALL_NODES, {"cluster": home.cluster_id, "nodes": home.nodes})
        return frozenset(row[0] for row in cursor.fetchall())
