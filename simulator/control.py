"""Control of a running fleet: one JSON object per line over a unix socket, and one back.

    {"do": "hosts"}                                           names, addresses, ports, fingerprints
    {"do": "report", "host": "HV01"}                          counters, open shells, accounts, faults
    {"do": "report"}                                          the same of every host
    {"do": "set_faults", "host": "HV01", "faults": ["down"]}  replaces the host's faults; [] heals it
    {"do": "change_certificate", "host": "HV01"}              serves another certificate from now on
    {"do": "set_password", "host": "HV01", "user": "svc", "password": "..."}
    {"do": "pass_time", "host": "HV01", "seconds": 61}        lets shells grow older without waiting
    {"do": "reboot", "host": "HV01"}                          drops connections and shells
    {"do": "reset", "host": "HV01"}                           back to the scenario, counters at zero

An answer has "ok": true, or "ok": false and "error", a sentence.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from simulator.faults import CertificateChanged, UnknownFault, from_data
from simulator.fleet import Fleet, NoSuchHost


class Control:
    """Carries out requests on a fleet; runs on the fleet's event loop."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._server: asyncio.Server | None = None
        self._verbs: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "hosts": self._hosts,
            "report": self._report,
            "set_faults": self._set_faults,
            "change_certificate": self._change_certificate,
            "set_password": self._set_password,
            "pass_time": self._pass_time,
            "reboot": self._reboot,
            "reset": self._reset,
        }

    async def listen(self, path: Path) -> None:
        """Take requests at ``path``, readable by this user only; what a killed process left there is replaced."""
        path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, path)
        path.chmod(0o600)

    async def close(self) -> None:
        """Take no more requests."""
        if self._server is not None:
            self._server.close()

    def carry_out(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a request says; a request that makes no sense is answered, never raised."""
        verb = self._verbs.get(str(request.get("do")))
        if verb is None:
            return {"ok": False, "error": f"{request.get('do')!r} is none of {', '.join(self._verbs)}"}
        try:
            return {"ok": True, **verb(request)}
        except KeyError as error:
            return {"ok": False, "error": f"{request['do']} needs {error.args[0]!r}"}
        except (NoSuchHost, UnknownFault, TypeError, ValueError, OSError) as error:
            return {"ok": False, "error": str(error)}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            try:
                request = json.loads(line)
                answer = self.carry_out(request if isinstance(request, dict) else {})
            except json.JSONDecodeError as error:
                answer = {"ok": False, "error": f"the line is no JSON: {error}"}
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()

    def _hosts(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        return {"hosts": describe(self._fleet)}

    def _report(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if "host" in request:
            return {"report": self._fleet.host(request["host"]).report()}
        return {"reports": {name: host.report() for name, host in self._fleet.hosts.items()}}

    def _set_faults(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._fleet.set_faults(request["host"], [from_data(fault) for fault in request["faults"]])
        return {}

    def _change_certificate(self, request: Mapping[str, Any]) -> dict[str, Any]:
        host = self._fleet.host(request["host"])
        host.faults.set(CertificateChanged())
        return {"fingerprint": host.certificate().fingerprint}

    def _set_password(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._fleet.host(request["host"]).accounts.set_password(request["user"], request["password"])
        return {}

    def _pass_time(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._fleet.host(request["host"]).pass_time(float(request["seconds"]))
        return {}

    def _reboot(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._fleet.reboot(request["host"])
        return {}

    def _reset(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._fleet.reset(request["host"])
        return {}


def describe(fleet: Fleet) -> list[dict[str, Any]]:
    """How each host is reached."""
    return [
        {
            "name": host.definition.name,
            "address": host.definition.address,
            "port": host.port,
            "scheme": host.definition.scheme,
            "fingerprint": host.certificate().fingerprint if host.definition.scheme == "https" else "",
        }
        for host in fleet.hosts.values()
    ]
