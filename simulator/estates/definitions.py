"""The hosts of an estate as the protocol server wants them."""

from simulator.engine import host_now
from simulator.estates.estate import Estate
from simulator.estates.scenario import Customer, Host
from simulator.hosts import HostDefinition
from simulator.windows import PROBE_VERSION, HostSections
from simulator.windows_engine import PROBE_FUNCTION, WindowsEngine

# PowerShell 3.0 and 4.0 speak PSRP 2.2.
OLD_PROTOCOL_BELOW_BUILD = 14393


def definitions_of(estate: Estate) -> list[HostDefinition]:
    """One definition per host that is served."""
    return [_definition(customer, host) for customer in estate.customers for host in customer.hosts if host.served]


def _definition(customer: Customer, host: Host) -> HostDefinition:
    described = host.windows
    return HostDefinition(
        name=described.name,
        address=host.address,
        accounts={customer.credential.username: customer.credential.password},
        dns_names=(described.name,),
        scheme=host.scheme,
        certificate="estate_ca" if host.trust == "ca" else "self_signed",
        faults=host.faults,
        engine=WindowsEngine(
            HostSections(described, clock=host_now, probe_version=host.module_version or PROBE_VERSION)
        ),
        jea_endpoints={host.endpoint_name: (PROBE_FUNCTION,)} if host.endpoint_name else {},
        powershell_version=described.version.powershell,
        build=f"10.0.{described.build}",
        protocol_version="2.2" if described.build < OLD_PROTOCOL_BELOW_BUILD else "2.3",
    )
