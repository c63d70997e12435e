"""Rows as the pipeline leaves them, for tests of what reads them: customers, hosts that were read, VMs, results."""

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from audits.judgement.planner.repairs import price_of_rule
from audits.judgement.rules import RULES
from audits.models import (
    AuditRun,
    Episode,
    EvidenceDocument,
    HostAudit,
    HostPlan,
    HostState,
    Result,
    Schedule,
    Verdict,
    VerdictInterval,
)
from audits.queries.tally import COUNTS
from fleet.models import Customer, Host, Network, VirtualMachine


def a_customer(name: str = "Contoso", **fields: Any) -> Customer:
    customer = Customer.objects.create(name=name, **fields)
    Network.objects.create(customer=customer, cidr="10.20.0.0/24")
    return customer


def a_host(customer: Customer, name: str = "hv01.contoso.lab", **fields: Any) -> Host:
    return Host.objects.create(customer=customer, name=name, **{"address": name[:255], "port": 5986, **fields})


def a_run(target: str = "All hosts", *, state: str = "completed", minutes_ago: int = 5, **fields: Any) -> AuditRun:
    started_at = timezone.now() - timedelta(minutes=minutes_ago)
    run = AuditRun.objects.create(
        target=target,
        target_key=uuid4().hex,
        state=state,
        started_at=None if state == "queued" else started_at,
        finished_at=started_at + timedelta(seconds=90) if state in ("completed", "cancelled") else None,
        requested_by_name="jana",
        **fields,
    )
    AuditRun.objects.filter(pk=run.pk).update(created_at=started_at)
    return run


def a_host_audit(run: AuditRun, host: Host, *, state: str = "succeeded", cause: str = "", **fields: Any) -> HostAudit:
    has_ended = state not in ("queued", "running")
    return HostAudit.objects.create(
        run=run,
        host=host,
        state=state,
        cause=cause,
        started_at=None if state == "queued" else run.started_at,
        finished_at=(run.started_at or timezone.now()) + timedelta(seconds=3) if has_ended else None,
        **fields,
    )


def evidence(**sections: Any) -> dict[str, dict[str, Any]]:
    """Documents of these sections are stored; the readings as a host's state names them."""
    now = timezone.now().isoformat()
    readings: dict[str, dict[str, Any]] = {}
    for section, body in sections.items():
        text = json.dumps(body, sort_keys=True)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        EvidenceDocument.objects.get_or_create(sha256=sha256, defaults={"section": section, "body": body})
        readings[section] = {"status": "ok", "sha256": sha256, "duration_seconds": 0.4, "read_at": now, "gaps": []}
    return readings


def was_read(host: Host, run: AuditRun | None = None, *, at: datetime | None = None, **fields: Any) -> HostState:
    """The host's state after an audit that succeeded, unless `fields` say otherwise."""
    at = at or timezone.now() - timedelta(minutes=5)
    sections = fields.pop("sections", {})
    for reading in sections.values():
        reading["read_at"] = at.isoformat()
    values = {
        "last_outcome": "succeeded",
        "last_finished_at": at,
        "evidence_at": at,
        "evidence_run": run,
        "os_build": 20348,
        "host_class": "C",
        "sections": sections,
        **fields,
    }
    return HostState.objects.update_or_create(host=host, defaults=values)[0]


def a_vm(host: Host, name: str = "SQL01", verdict: str = "live", *, guid: str = "", **fields: Any) -> Verdict:
    """A VM with its verdict; the host's numbers are counted anew by `count_vms`."""
    vm = VirtualMachine.objects.create(customer=host.customer, host=host, guid=guid or str(uuid4()))
    values = {
        "vm_state": "off" if verdict == "already_offline" else "running",
        "backup_path": host.effective_backup_path,
        "verdict_vss": verdict,
        "confidence": "high",
        "writer_says": "online" if verdict == "live" else "not_read",
        "sentence": "will stay online, application-consistent" if verdict == "live" else "will be pulled offline",
        "since_at": timezone.now() - timedelta(days=12),
        "read_at": timezone.now(),
        **fields,
    }
    return Verdict.objects.create(
        virtual_machine=vm, customer=host.customer, host=host, name=name, verdict=verdict, **values
    )


def count_vms(host: Host) -> None:
    """Write the host's numbers as the pipeline would."""
    verdicts = list(Verdict.objects.filter(host=host))
    numbers = {column: sum(row.verdict == word for row in verdicts) for word, column in COUNTS.items()}
    saved = [row for row in verdicts if row.verdict == "saved_state"]
    HostState.objects.filter(host=host).update(
        **numbers,
        saved_state_sure_vms=sum(row.confidence in ("high", "medium") for row in saved),
        host_side_ready_vms=sum(row.host_side_ready for row in verdicts),
        depends_on_backup_path_vms=sum(row.depends_on_backup_path for row in verdicts),
        conflict_vms=sum(row.conflict for row in verdicts),
    )


def a_plan(host: Host, *wins: tuple[str, list[Verdict]], shared: str = "", **numbers: int) -> HostPlan:
    """The host's plan: rules, parted by spaces, and the VMs they make live. `shared`: the rule about the host."""
    groups = []
    for rules, vms in wins:
        each = sum(price.minutes for rule in rules.split() if rule != shared and (price := price_of_rule(rule)))
        groups.append(
            {
                "rules": rules.split(),
                "vms": len(vms),
                "minutes": each * len(vms),
                "steps": len(vms),
                "shared": {f"{shared}@{host.pk}": 10} if shared in rules.split() else {},
                "off": 0,
                "risk": "low",
                "confidence": "medium",
                "words": dict(Counter(vm.verdict for vm in vms)),
            }
        )
    ids = [[str(vm.pk) for vm in vms] for _, vms in wins]
    values = {"groups": groups, "vm_ids": ids, **numbers}
    return HostPlan.objects.update_or_create(state_id=host.pk, defaults=values)[0]


def a_result(host: Host, rule: str, result: str = "fail", vm: Verdict | None = None, **fields: Any) -> Result:
    """The current result of a rule about a VM, or about the host itself."""
    values = {
        "subject_key": str(vm.virtual_machine_id if vm else host.pk),
        "subject_type": "vm" if vm else "host",
        "subject_id": vm.virtual_machine.guid if vm else str(host.pk),
        "subject": vm.name if vm else host.name,
        "severity": str(RULES[rule].severity),
        "confidence": "high",
        "measured": "Backup (volume checkpoint): not offered" if result == "fail" else None,
        "reason": "the host did not report the component" if result == "unknown" else None,
        "fix": RULES[rule].fix,
        "first_seen_at": timezone.now() - timedelta(days=83),
        "read_at": timezone.now(),
        **fields,
    }
    return Result.objects.create(
        host=host,
        virtual_machine=vm.virtual_machine if vm else None,
        rule=rule,
        result=result,
        **values,
    )


def it_was(vm: Verdict, verdict: str, *, hours_ago: float = 2, causes: list[str] | None = None) -> VerdictInterval:
    """The VM's verdict was another one until some hours ago."""
    to_at = timezone.now() - timedelta(hours=hours_ago)
    return VerdictInterval.objects.create(
        virtual_machine=vm.virtual_machine,
        host=vm.host,
        verdict=verdict,
        confidence="high",
        causes=causes or [],
        became=vm.verdict,
        from_at=to_at - timedelta(days=20),
        to_at=to_at,
    )


def a_pause(vm: Verdict, *, nights_ago: int = 1, seconds: float | None = 41, **fields: Any) -> Episode:
    """The VM was saved by a backup at 22:04 UTC, `nights_ago` nights ago, unless `fields` say otherwise."""
    night = timezone.now().date() - timedelta(days=nights_ago)
    saved_at = datetime.combine(night, time(22, 4, 11), UTC)
    values = {
        "vm": vm.name,
        "saved_at": saved_at,
        "restored_at": None if seconds is None else saved_at + timedelta(seconds=seconds),
        "night": night,
        "source": "events",
        "confidence": "high",
        "is_proof": seconds is not None,
        "in_backup_window": True,
        "evidence_for_window": "inside the backup window",
        "predicted": "saved_state",
        "predicted_confidence": "high",
        "evidence_at": timezone.now(),
        **fields,
    }
    return Episode.objects.create(virtual_machine=vm.virtual_machine, customer=vm.customer, host=vm.host, **values)


def excluded(vm: Verdict, reason: str = "host_shutdown", **fields: Any) -> Episode:
    """The VM was saved, and not by a backup."""
    grounds = {"is_proof": False, "in_backup_window": False, "evidence_for_window": None}
    return a_pause(vm, excluded_reason=reason, why_excluded="the host was shut down", **{**grounds, **fields})


def a_schedule(customer: Customer, time_zone: str = "UTC", **fields: Any) -> Schedule:
    """Backups from 22:00 to 04:00."""
    values = {"window_begins": time(22), "window_ends": time(4), **fields}
    schedule = Schedule(customer=customer, time_zone=time_zone, **values)
    schedule.next_at = next((moment.at for moment in schedule.next_moments(1)), None)
    schedule.save()
    return schedule
