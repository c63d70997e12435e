"""The plan of a judged host into the database, where it is another one than before."""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from audits.judgement.judge import Judgement
from audits.judgement.planner.groups import PlanGroup, groups_of
from audits.judgement.planner.plan import plan_host

logger = logging.getLogger(__name__)

_FIELDS = ("groups", "vm_ids", "not_plannable_vms", "live_if_vss_vms", "live_if_wmi_vms")
_UPSERT = f"""
    INSERT INTO audits_hostplan AS plan (state_id, {", ".join(_FIELDS)})
    VALUES (%s, %s::jsonb, %s::jsonb, %s, %s, %s)
    ON CONFLICT (state_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _FIELDS)}
    WHERE ({", ".join(f"plan.{name}" for name in _FIELDS)}) IS DISTINCT FROM
          ({", ".join(f"excluded.{name}" for name in _FIELDS)})
"""
_FORGET = "DELETE FROM audits_hostplan WHERE state_id = %s"


def write_plan(judgement: Judgement, vm_ids: Mapping[str, UUID], *, host_id: UUID) -> None:
    """Plan the host and store it. VMs without an id here (seen elsewhere) are left out. One statement.

    A planner that crashes costs the plan and not the audit: the log has its trace, and the host counts as not planned.
    """
    try:
        plan = plan_host(judgement)
    except Exception:  # whatever it is: see above
        logger.exception("host %s could not be planned", host_id)
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, [host_id])
        return
    kept = [(group, ids) for group in groups_of(plan) if (ids := _ids(group.vm_ids, vm_ids))]
    path = plan.path
    values: list[Any] = [
        host_id,
        json.dumps([_as_row(group) for group, _ in kept]),
        json.dumps([ids for _, ids in kept]),
        len(_ids((other.vm_id for other in plan.not_plannable), vm_ids)),
        len(_ids(path.live_if_vss if path else (), vm_ids)),
        len(_ids(path.live_if_wmi if path else (), vm_ids)),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, values)


def _ids(guids: Iterable[str], vm_ids: Mapping[str, UUID]) -> list[str]:
    return [str(vm_ids[guid]) for guid in guids if guid in vm_ids]


def _as_row(group: PlanGroup) -> dict[str, Any]:
    return {
        "rules": group.rules,
        "vms": group.vms,
        "minutes": group.minutes,
        "steps": group.steps,
        "shared": dict(group.shared),
        "off": group.off,
        "risk": group.risk,
        "confidence": group.confidence,
        "words": dict(group.words),
    }
