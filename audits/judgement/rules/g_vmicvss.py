"""G-VMICVSS: the backup service of the integration components runs in the guest."""

from collections.abc import Iterator

from audits.judgement.evidence.guests import GuestReading
from audits.judgement.inside_guest import judge_windows_guests, services_of, why_unread
from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.unconfirmed import OFFLINE_LABEL
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Scope, Section, Severity

ANSWERS = frozenset({2, 3})  # OK, and an older protocol that works


@rule(
    id="G-VMICVSS",
    title="The backup service runs inside the guest",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS, Section.GUESTS),
    precondition=True,
    sources=("MS-IS", "MS-SVC", "MS-BR"),
    unconfirmed=OFFLINE_LABEL,
    fix="F2",
)
def backup_service_runs_in_guest(host: HostView) -> Iterator[Statement]:
    """The service vmicvss is the guest's end of the backup integration service. The host starts it again when it was
    stopped, but cannot start one that is disabled. Where the host does not offer the service at all, the guest's end
    stands still by itself, which is no fault of the guest.
    """
    yield from judge_windows_guests(host, _judge)


def _judge(host: HostView, vm: VMView, inside: GuestReading) -> Statement:
    services = services_of(inside)
    if services is None:
        return unknown(vm, why_unread(inside, "services"))
    service = services.get("vmicvss")
    if service is None:
        return failed(vm, measured="vmicvss: not installed")
    if service.start_mode is not None and service.start_mode.lower() == "disabled":
        return failed(vm, measured="vmicvss: disabled")
    if service.state is None:
        return unknown(vm, why_unread(inside, "services"))
    if service.state.lower() == "running":
        return passed(vm)
    if vm.backup_service_offered is False:
        return not_applicable(vm, "the host does not offer the service: see VM-ISBACKUP")
    if vm.backup_service is not None and vm.backup_service.primary_status in ANSWERS:
        return unknown(vm, f"vmicvss is {service.state}, though the host says that it answers: ask again")
    return failed(vm, measured=f"vmicvss: {service.state}")
