"""Whose VMs these are: the cluster where the host is clustered, else the host; and one identity per VM in its home."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import connection

from audits.judgement.evidence import HostEvidence
from audits.models import HostState
from fleet.models import Cluster, Host


@dataclass(frozen=True, slots=True)
class Home:
    """`cluster_id` None: the host itself. `nodes`: how many nodes the cluster says it has, where it said so."""

    customer_id: UUID
    host_id: UUID
    cluster_id: UUID | None
    nodes: int | None = None


# One lock per cluster: its nodes are audited at the same time and write the same VMs.
_LOCK_CLUSTER = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def home_of(host: Host, state: HostState, evidence: HostEvidence) -> Home:
    """The home by this evidence; where the cluster could not be asked, the home known so far.

    Holds the cluster's lock until the transaction ends.
    """
    cluster_id, nodes = state.cluster_id, None
    if evidence.is_in_no_cluster:
        cluster_id = None
    elif evidence.cluster is not None and (evidence.cluster.cluster_id or evidence.cluster.cluster_name):
        facts = evidence.cluster
        key = (facts.cluster_id or facts.cluster_name or "").lower()[:255]
        nodes = len(facts.nodes) if facts.nodes is not None else None
        cluster_id = _cluster_id(host.customer_id, key, (facts.cluster_name or key)[:255])
    if cluster_id is not None:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_CLUSTER, [str(cluster_id)])
    return Home(host.customer_id, host.id, cluster_id, nodes)


def _cluster_id(customer_id: UUID, key: str, name: str) -> UUID:
    cluster, _ = Cluster.objects.get_or_create(customer_id=customer_id, cluster_key=key, defaults={"name": name})
    if cluster.name != name:
        Cluster.objects.filter(pk=cluster.pk).update(name=name)
    return cluster.id


def virtual_machine_ids(home: Home, guids: Collection[str]) -> dict[str, UUID]:
    """The identity of every VM of these GUIDs in this home, made where it is new."""
    known = _known(home, guids)
    new = [guid for guid in dict.fromkeys(guids) if guid not in known]
    if new:
        host_id = None if home.cluster_id else home.host_id
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO fleet_virtualmachine (id, customer_id, cluster_id, host_id, guid, first_seen_at)
                SELECT new.id, %s, %s, %s, new.guid, now() FROM unnest(%s::uuid[], %s::text[]) AS new(id, guid)
                ON CONFLICT DO NOTHING
                """,
                [home.customer_id, home.cluster_id, host_id, [uuid4() for _ in new], new],
            )
        known = _known(home, guids)
    return known


def _known(home: Home, guids: Collection[str]) -> dict[str, UUID]:
    column, value = ("cluster_id", home.cluster_id) if home.cluster_id else ("host_id", home.host_id)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT guid, id FROM fleet_virtualmachine WHERE {column} = %s AND guid = ANY(%s::text[])",
            [value, list(guids)],
        )
        return dict(cursor.fetchall())
