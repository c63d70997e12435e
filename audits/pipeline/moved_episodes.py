"""Episodes that a node tells of VMs which moved to another node of their cluster since: the log stays where it was."""

from collections.abc import Collection

from django.db import connection
from msgspec import structs

from audits.judgement.episodes.episode import Episode
from audits.pipeline.home import Home

_NAMES = """
    SELECT vm.guid, verdict.name FROM fleet_virtualmachine vm
    JOIN audits_verdict verdict ON verdict.virtual_machine_id = vm.id
    WHERE vm.cluster_id = %s AND vm.guid = ANY(%s::text[])
"""


def of_moved_vms(episodes: Collection[Episode], home: Home) -> list[Episode]:
    """Those of VMs that the cluster still has, under their present names. A log also tells of VMs that are gone: they
    are left out, as they would become VMs anew. One query, and none outside of a cluster.
    """
    if home.cluster_id is None or not episodes:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, [home.cluster_id, list({episode.vm_id for episode in episodes})])
        names = dict(cursor.fetchall())
    return [structs.replace(each, vm=names[each.vm_id]) for each in episodes if each.vm_id in names]
