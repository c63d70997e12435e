"""G-SVC: the services behind VSS are not switched off inside the guest."""

from collections.abc import Iterator

from audits.judgement.evidence.guests import GuestReading
from audits.judgement.inside_guest import judge_windows_guests, services_of, why_unread
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.unconfirmed import FAILURES, OFFLINE_LABEL, Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Confidence, Scope, Section, Severity

# Started when needed: standing still is healthy, being disabled is not.
STARTED_ON_DEMAND = ("VSS", "swprv", "COMSysApp")
MUST_RUN = "EventSystem"
# Have to run, too; without them nothing could have been read, so that they are missing from a list proves nothing.
MUST_RUN_IF_TOLD = ("RpcSs", "Winmgmt")
COORDINATOR = "MSDTC"


@rule(
    id="G-SVC",
    title="The services behind VSS are enabled inside the guest",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS, Section.GUESTS),
    precondition=True,
    sources=("MS-SVC", "MS-BR"),
    unconfirmed=(
        *OFFLINE_LABEL,
        Unconfirmed(
            "That a disabled service behind VSS in the guest takes the VM offline: inferred, because the guest's "
            "own VSS cannot work without it.",
            weakens=FAILURES,
            at_most=Confidence.MEDIUM,
        ),
    ),
    fix="F18",
)
def vss_services_are_enabled_in_guest(host: HostView) -> Iterator[Statement]:
    """The guest's VSS, its provider and the COM+ system application start when the host asks for a snapshot; their
    start type is Manual, so "stopped" is healthy and only "disabled" is a fault. COM+ events have to run. The article
    also names the transaction coordinator; no Microsoft text makes it a condition, so a disabled one is only noted.
    """
    yield from judge_windows_guests(host, _judge)


def _judge(host: HostView, vm: VMView, inside: GuestReading) -> Statement:
    services = services_of(inside)
    if services is None:
        return unknown(vm, why_unread(inside, "services"))
    faults: list[str] = []
    why_unknown = None
    for name in (*STARTED_ON_DEMAND, MUST_RUN):
        service = services.get(name.lower())
        if service is None or service.start_mode is None or (name == MUST_RUN and service.state is None):
            why_unknown = f"the guest did not report start mode and state of {name}"
        elif service.start_mode.lower() == "disabled":
            faults.append(f"{name}: disabled")
        elif name == MUST_RUN and (service.state or "").lower() != "running":
            faults.append(f"{name}: {service.state}")
    for name in MUST_RUN_IF_TOLD:
        service = services.get(name.lower())
        if service is not None and service.state is not None and service.state.lower() != "running":
            faults.append(f"{name}: {service.state}")
    if faults:
        return failed(vm, measured=", ".join(faults))
    if why_unknown is not None:
        return unknown(vm, why_unknown)
    coordinator = services.get(COORDINATOR.lower())
    if coordinator is not None and (coordinator.start_mode or "").lower() == "disabled":
        return failed(vm, measured=f"{COORDINATOR}: disabled", severity=Severity.WARNING, is_note=True)
    return passed(vm)
