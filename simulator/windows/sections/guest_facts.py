"""Section `guest_facts`: the intrinsic Data Exchange items of every running VM that exchanges data."""

from datetime import datetime

from simulator.windows.guests import GUESTS
from simulator.windows.host import WindowsHost
from simulator.windows.machine import VirtualMachine
from simulator.windows.sections.reading import NO_NAMESPACE, Gap, Reading


def read(host: WindowsHost, now: datetime, anchor: datetime) -> Reading:
    if not host.hyper_v:
        return Reading(None, [Gap("guests", "absent", NO_NAMESPACE)], status="error", reason=f"absent: {NO_NAMESPACE}")
    exchanging = [vm for vm in host.vms if vm.is_running and vm.data_exchange]
    return Reading({"guests": [_guest(host, vm) for vm in exchanging]})


def _guest(host: WindowsHost, vm: VirtualMachine) -> dict[str, object]:
    system = GUESTS[vm.guest]
    label = "".join(letter for letter in vm.name if letter.isascii() and (letter.isalnum() or letter == "-"))[:15]
    return {
        "vm_id": vm.vm_id,
        "os_name": system.os_name,
        "os_version": system.os_version,
        "os_build": system.os_build,
        "os_platform": None if system.linux else "2",
        "product_type": system.product_type,
        "service_pack": system.service_pack,
        "fully_qualified_domain_name": f"{label.lower() or 'guest'}.{host.domain}",
        "integration_version": system.integration_version or f"10.0.{host.build}",
        "rejected_items": 0,
    }
