"""A simulated Hyper-V host of 50 VMs, and how the tests audit it: through the real transport, with short deadlines."""

import base64
import dataclasses
import gzip
import itertools
import os
import ssl
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from audits.collect.host import Collected, collect_host
from audits.collect.probes import probe_script
from audits.collect.sections import DecodedSection
from audits.collect.winrm import Deadlines, ProbeRequest, Secret, Target, Watchdog
from audits.judgement.words import Section
from fleet.networks import AddressGuard, parse_networks
from simulator.fleet import SimulatedFleet
from simulator.hosts import HostDefinition
from simulator.windows_engine import WindowsEngine

USER, PASSWORD = "Administrator", "pa:ss wörd"
REQUEST = ProbeRequest(probe_script())
# Never reached by a host that answers, however busy the machine that runs the tests.
PATIENT = Deadlines(soft_seconds=60, hard_seconds=90, answer_seconds=30, poll_seconds=1, cleanup_seconds=10)
# One loopback network per process, so that workers of a parallel run do not meet.
NETWORK = f"127.{130 + os.getpid() // 250 % 60}.{os.getpid() % 250}"
LOOPBACK = AddressGuard(networks=parse_networks(["127.0.0.0/8"]), allow_loopback=True)
WATCHDOG = Watchdog()

_numbers = itertools.count(1)


def envelope(section: str, data: Any, **words: Any) -> str:
    """A section as the probe sends it."""
    document = {
        "section": section,
        "schema_version": 1,
        "probe_version": "1.0.0",
        "status": "ok",
        "duration_ms": 420,
        "data": data,
    }
    return packed(msgspec.json.encode(document | words))


def packed(document: bytes) -> str:
    return base64.b64encode(gzip.compress(document, mtime=0)).decode()  # the clock would be in the names of tests


def virtual_machine(number: int) -> dict[str, Any]:
    component = "5CED1297-4598-4915-A5FC-AD21BB4D02A"
    return {
        "vm_id": f"{number:08x}-1111-2222-3333-444444444444",
        "name": f"SQL{number:02}",
        "state": 2,
        "generation": 2,
        "version": "9.0",
        "operational_status": [2],
        "checkpoint_type": 3,
        "checkpoint_path": f"D:\\VMs\\SQL{number:02}",
        "uptime_seconds": 100_000 + number,
        "heartbeat": 2,
        "memory_assigned_bytes": 4 << 30,
        "integration": [
            {"component": f"{component}{each}", "enabled": True, "primary_status": 2, "secondary_status": 0}
            for each in range(6)
        ],
        "disks": [
            {"path": f"D:\\VMs\\SQL{number:02}\\{each}.vhdx", "controller_type": 1, "controller_location": each}
            for each in range(2)
        ],
        "checkpoints": [],
    }


HEALTHY: Mapping[Section, Any] = {
    Section.IDENTITY: {
        "computer_name": "HV01",
        "os_build": 20348,
        "product_type": 3,
        "hyper_v_module_version": "2.0.0.0",
        "now_at": "2026-11-25T12:00:00Z",
    },
    Section.SERVICES: {"services": [{"name": "vmms", "start_mode": "Auto", "state": "Running"}]},
    Section.VOLUMES: {"volumes": [{"volume_id": "\\\\?\\Volume{1}\\", "file_system": "NTFS", "free_bytes": 7 << 30}]},
    Section.VMS: {
        "vms": [virtual_machine(number) for number in range(50)],
        "images": [{"path": f"D:\\VMs\\SQL{number:02}\\0.vhdx", "exists": True} for number in range(50)],
        "registered_count": 50,
    },
    Section.GUEST_FACTS: {"guests": []},
    Section.VSS_EVENTS: {"window_days": 30, "counts": [], "logs": []},
    Section.VM_EVENTS: {"window_days": 14, "events": [], "sources": [], "logs": []},
    Section.JOBS: {"jobs": []},
    Section.WRITERS: {"writers": [], "components": []},
}


def healthy_sections() -> dict[str, str]:
    sections = {str(section): envelope(section, data) for section, data in HEALTHY.items()}
    sections["cluster"] = envelope("cluster", None, status="skipped", reason="no cluster service")
    sections["guests"] = envelope("guests", None, status="skipped", reason="no guest credential is set")
    return sections


class Sections:
    """A host whose sections can be replaced, and be told to take their time."""

    def __init__(self, replaced: Mapping[str, str] | None = None, pacing_seconds: float = 0.0) -> None:
        self._texts = healthy_sections() | dict(replaced or {})
        self._pacing_seconds = pacing_seconds

    def pacing_seconds(self, name: str) -> float:
        return self._pacing_seconds

    async def read_section(self, name: str) -> str:
        return self._texts[name]


def host(name: str = "HV01", replaced: Mapping[str, str] | None = None, **words: Any) -> HostDefinition:
    """A host on its own address and any free port."""
    words.setdefault("accounts", {USER: PASSWORD})
    words.setdefault("engine", WindowsEngine(Sections(replaced)))
    return HostDefinition(name, f"{NETWORK}.{next(_numbers) % 250 + 1}", port=-1, **words)


def target_of(fleet: SimulatedFleet, name: str = "HV01", **words: Any) -> Target:
    """How to reach a host of the fleet; its certificate is pinned as it is now."""
    report = fleet.report(name)
    target = Target(
        address=report["address"],
        name=name,
        port=report["port"],
        scheme="https" if report["fingerprint"] else "http",
        username=USER,
        certificate_sha256=report["fingerprint"] or "",
        deadlines=PATIENT,
    )
    return dataclasses.replace(target, **words)


def audit(
    target: Target,
    *,
    password: str = PASSWORD,
    request: ProbeRequest = REQUEST,
    guard: Callable[[str], Sequence[str]] = LOOPBACK.check,
    on_section: Callable[[DecodedSection], None] = lambda section: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Collected:
    return collect_host(
        target,
        Secret(password),
        request,
        guard=guard,
        watchdog=WATCHDOG,
        on_section=on_section,
        should_stop=should_stop,
    )


def certificate_of(fleet: SimulatedFleet, name: str = "HV01") -> str:
    """The PEM of the certificate that the host serves now, without its key."""
    text = fleet.certificate_path(name).read_text()
    begin, end = text.index("-----BEGIN CERTIFICATE"), text.index("-----END CERTIFICATE-----")
    pem = text[begin : end + len("-----END CERTIFICATE-----\n")]
    assert ssl.PEM_cert_to_DER_cert(pem)
    return pem
