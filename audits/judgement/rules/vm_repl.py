"""VM-REPL: the VM is no replica, and its own replication is healthy."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import SINCE_2012_R2, rule
from audits.judgement.unconfirmed import FAILURES, Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Confidence, Scope, Section, Severity

# VMReplicationMode, VMReplicationHealthState and VMReplicationState of the Hyper-V module 2.0.
NOT_REPLICATED, PRIMARY = 0, 1
REPLICAS = {2: "a replica", 3: "a test replica", 4: "an extended replica"}
WARNING, CRITICAL = 2, 3
STATES = {8: "suspended", 9: "error", 10: "waiting to resynchronise", 11: "resynchronising"}
STOPPED = 9


@rule(
    id="VM-REPL",
    title="The VM is no replica, and its replication is healthy",
    scope=Scope.VM,
    severity=Severity.INFO,
    needs=(Section.VMS,),
    applies_to=SINCE_2012_R2,
    sources=("STUB",),
    unconfirmed=(
        Unconfirmed(
            "What replication does to a backup of the VM: no source names it as a reason for a saved state.",
            weakens=FAILURES,
            at_most=Confidence.LOW,
        ),
    ),
    fix="F12",
)
def replication_is_healthy(host: HostView) -> Iterator[Statement]:
    """A replica is normally off and is written to by its primary, so it is backed up there and only noted here. A
    replication that Hyper-V itself calls critical leaves the copy behind and fills the log files of the primary.
    """
    for vm in host.vms:
        yield _judge(host, vm)


def _judge(host: HostView, vm: VMView) -> Statement:
    mode, state, health = vm.facts.replication_mode, vm.facts.replication_state, vm.facts.replication_health
    if mode is None:
        return unknown(vm, host.why(Section.VMS, "vms.replication_mode"))
    if mode == NOT_REPLICATED:
        return not_applicable(vm, "the VM is not replicated")
    if health == CRITICAL or state == STOPPED:
        measured = f"replication critical{_in_state(state)}"
        return failed(vm, measured=measured, severity=Severity.WARNING, is_note=True)
    if mode in REPLICAS:
        return failed(vm, measured=f"{REPLICAS[mode]} of a VM on another host", is_note=True)
    if mode != PRIMARY:
        return unknown(vm, f"replication mode {mode} is not documented")
    if state in STATES or health == WARNING:
        return failed(vm, measured=f"replication {STATES.get(state or 0, 'with warnings')}", is_note=True)
    if state is None or health is None:
        return unknown(vm, host.why(Section.VMS, f"vms.replication_{'state' if state is None else 'health'}"))
    return passed(vm)


def _in_state(state: int | None) -> str:
    return f" ({STATES[state]})" if state in STATES else ""
