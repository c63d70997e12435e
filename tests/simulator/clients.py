"""How the tests talk to a simulated host: unmodified pypsrp, with what went over the wire written down."""

from __future__ import annotations

import base64
import gzip
import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from simulator.engine import Engine
from simulator.fleet import SimulatedFleet
from simulator.hosts import HostDefinition
from simulator.windows_engine import WindowsEngine

USER, PASSWORD = "Administrator", "pa:ss wörd"
PROBE = "# Fleet Audit probe 1.0.0\nparam([string]$Sections)"

# One loopback network per process, so that workers of a parallel run do not meet.
NETWORK = f"127.{64 + os.getpid() // 250 % 60}.{os.getpid() % 250}"

warnings.filterwarnings("ignore", message=".*certificate.*")


class Sections:
    """A trivial host: every section says its name."""

    def __init__(self, pacing_seconds: float = 0.0) -> None:
        self._pacing_seconds = pacing_seconds

    def pacing_seconds(self, name: str) -> float:
        return self._pacing_seconds

    async def read_section(self, name: str) -> str:
        if name == "unheard_of":
            raise KeyError(name)
        document = {"section": name, "schema_version": 1, "data": {"says": name}}
        return base64.b64encode(gzip.compress(json.dumps(document).encode())).decode()


def host(name: str = "HV01", number: int = 1, engine: Engine | None = None, **words: Any) -> HostDefinition:
    """A host on its own address and any free port."""
    words.setdefault("port", -1)
    words.setdefault("accounts", {USER: PASSWORD})
    return HostDefinition(name, f"{NETWORK}.{number}", engine=engine or WindowsEngine(Sections()), **words)


@dataclass
class Exchange:
    """What one client sent and received, decrypted, in order."""

    requests: list[bytes] = field(default_factory=list)
    responses: list[bytes] = field(default_factory=list)

    def actions(self) -> list[str]:
        return [
            request.split(b":Action ")[1].split(b">")[1].split(b"<")[0].decode().rsplit("/", 1)[1]
            for request in self.requests
        ]

    def bodies(self, action: str) -> list[ElementTree.Element]:
        """The parsed responses to requests of one action."""
        pairs = zip(self.actions(), self.responses, strict=True)
        return [ElementTree.fromstring(response) for name, response in pairs if name == action]


def wsman(fleet: SimulatedFleet, name: str = "HV01", exchange: Exchange | None = None, **words: Any) -> WSMan:
    """A pypsrp connection to a host of the fleet, deadlines short enough for a test."""
    report = fleet.report(name)
    https = bool(report["fingerprint"])
    words = {
        "ssl": https,
        "auth": "ntlm",
        "username": USER,
        "password": PASSWORD,
        "port": report["port"],
        "cert_validation": str(fleet.certificate_path(name)) if https else True,
        "no_proxy": True,
        "connection_timeout": 5,
        "read_timeout": 10,
        "operation_timeout": 5,
        "reconnection_backoff": 0,
    } | words
    connection = WSMan(report["address"], **words)
    if exchange is not None:
        send = connection.transport.send

        def recorded(message: bytes, **options: Any) -> bytes:
            answer = send(message, **options)
            exchange.requests.append(message)
            exchange.responses.append(answer)
            return answer

        connection.transport.send = recorded  # type: ignore[method-assign]
    return connection


@contextmanager
def opened(connection: WSMan, **words: Any) -> Iterator[RunspacePool]:
    """An open pool, closed afterwards without hiding what went wrong in between."""
    pool = RunspacePool(connection, **words)
    try:
        pool.open()
        yield pool
    except Exception:
        connection.transport.encryption = None  # the next connection needs a context of its own
        raise
    finally:
        with suppress(Exception):
            pool.close()
        connection.close()


def run(
    fleet: SimulatedFleet, script: str, name: str = "HV01", exchange: Exchange | None = None, **words: Any
) -> PowerShell:
    """Run one script on a host; the finished pipeline."""
    with opened(wsman(fleet, name, exchange, **words)) as pool:
        shell = PowerShell(pool)
        shell.add_script(script)
        shell.invoke()
        return shell


def probe(
    fleet: SimulatedFleet, sections: str = "identity,vms,writers", name: str = "HV01", **words: Any
) -> PowerShell:
    """Run the probe; the finished pipeline. Section strings that arrive before an error stay in ``.output``."""
    with opened(wsman(fleet, name, **words)) as pool:
        shell = begin_probe(pool, sections)
        shell.end_invoke()
        return shell


def begin_probe(pool: RunspacePool, sections: str = "identity,vms,writers") -> PowerShell:
    shell = PowerShell(pool)
    shell.add_script(PROBE).add_parameter("Sections", sections)
    shell.begin_invoke()
    return shell


def decode(section: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(section)))
