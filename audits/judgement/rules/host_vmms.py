"""HOST-VMMS: Hyper-V's management service runs."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import EVERY_HOST, rule
from audits.judgement.view import HostView
from audits.judgement.words import Scope, Section, Severity


@rule(
    id="HOST-VMMS",
    title="The Hyper-V management service is running",
    scope=Scope.HOST,
    severity=Severity.CRITICAL,
    needs=(Section.SERVICES,),
    applies_to=EVERY_HOST,
    sources=("MS-SVC", "MS-BR"),
    fix="F18",
)
def vmms_is_running(host: HostView) -> Iterator[Statement]:
    """The service vmms makes checkpoints and is home to the Hyper-V VSS writer. While it stands still, the host's VSS
    knows of no VM. Running VMs keep running.
    """
    if host.services is None:
        yield unknown(host, host.why(Section.SERVICES, "services"))
        return
    vmms = host.services.get("vmms")
    if vmms is None:
        yield failed(host, measured="vmms: not installed")
    elif vmms.state is None:
        yield unknown(host, host.why(Section.SERVICES, "services.state"))
    elif vmms.state.lower() == "running":
        yield passed(host)
    else:
        yield failed(host, measured=f"vmms: {vmms.state}")
