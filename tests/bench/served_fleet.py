"""A large simulated fleet in its own process: `python -m tests.bench.served_fleet HOSTS VMS`.

Prints one line of JSON when it listens: what to enter for each host. When standard input closes, a second line says how
many shells were opened, deleted and are still open; then it ends. Hosts answer at once and from memory, so that what is
measured is the product.
"""

import json
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from simulator.fleet import SimulatedFleet
from simulator.hosts import HostDefinition
from simulator.windows import HostSections, fleet
from simulator.windows_engine import WindowsEngine
from simulator.wire.tls import CertificateStore

USER, PASSWORD = "FLEET\\audit", "bench-only"


@dataclass
class Remembered:
    """The sections of one host, described and compressed once."""

    sections: HostSections
    _encoded: dict[str, str] = field(default_factory=dict)

    def pacing_seconds(self, name: str) -> float:
        return 0.0

    async def read_section(self, name: str) -> str:
        if name not in self._encoded:
            self._encoded[name] = await self.sections.read_section(name)
        return self._encoded[name]


def main(hosts: int, vms: int) -> None:
    definitions = [
        HostDefinition(
            name=described.name,
            address=f"127.91.{number // 250}.{number % 250 + 1}",
            accounts={USER: PASSWORD},
            dns_names=(described.name,),
            port=-1,
            certificate="estate_ca",
            engine=WindowsEngine(Remembered(HostSections(described))),
        )
        for number, described in enumerate(fleet(hosts=hosts, vms=vms))
    ]
    with tempfile.TemporaryDirectory() as directory:
        CertificateStore(Path(directory) / "certificates")
        with SimulatedFleet(definitions, Path(directory)) as served:
            entries = [
                {"name": each.name, "address": each.address, "port": served.port(each.name)} for each in definitions
            ]
            told = {"ca_pem": served.ca_path.read_text(), "username": USER, "password": PASSWORD, "hosts": entries}
            print(json.dumps(told), flush=True)
            sys.stdin.read()
            reports = [served.report(each.name) for each in definitions]
            counted = ("shells_created", "shells_deleted", "open_shells")
            print(json.dumps({name: sum(int(report[name]) for report in reports) for name in counted}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
