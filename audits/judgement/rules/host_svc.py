"""HOST-SVC: the services behind VSS are not switched off."""

from collections.abc import Iterator

from audits.judgement.evidence.services import Service
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import ONLY_VSS, rule
from audits.judgement.view import HostView
from audits.judgement.words import Scope, Section, Severity

# Started when needed: standing still is healthy, being disabled is not.
STARTED_ON_DEMAND = ("VSS", "swprv", "COMSysApp")
MUST_RUN = ("EventSystem", "RpcSs", "Winmgmt")


@rule(
    id="HOST-SVC",
    title="The services behind VSS are enabled",
    scope=Scope.HOST,
    severity=Severity.CRITICAL,
    needs=(Section.SERVICES,),
    precondition=True,
    paths=ONLY_VSS,
    sources=("MS-SVC",),
    fix="F18",
)
def vss_services_are_enabled(host: HostView) -> Iterator[Statement]:
    """VSS, its software provider and the COM+ system application start when a backup asks for them; their start type
    is Manual, so "stopped" is healthy and only "disabled" is a fault. The article's "must be running" is wrong here.
    COM+ events, RPC and WMI have to run all the time.
    """
    if host.services is None:
        yield unknown(host, host.why(Section.SERVICES, "services"))
        return
    faults: list[str] = []
    why_unknown = None
    for name in (*STARTED_ON_DEMAND, *MUST_RUN):
        service = host.services.get(name.lower())
        if service is None:
            why_unknown = f"the host did not report the service {name}"
        elif (fault := _fault(name, service)) is not None:
            faults.append(fault)
        elif service.start_mode is None or (name in MUST_RUN and service.state is None):
            why_unknown = f"the host did not report start mode and state of {name}"
    if faults:
        yield failed(host, measured=", ".join(faults))
    elif why_unknown is not None:
        yield unknown(host, why_unknown)
    else:
        yield passed(host)


def _fault(name: str, service: Service) -> str | None:
    if service.start_mode is not None and service.start_mode.lower() == "disabled":
        return f"{name}: disabled"
    if name in MUST_RUN and service.state is not None and service.state.lower() != "running":
        return f"{name}: {service.state}"
    return None
