"""Runs ``python -m simulator`` with an estate of one host, so that the program is tested without scenario files."""

import runpy
import sys
import types

import simulator
from simulator.hosts import HostDefinition

address = sys.argv.pop(1)


def load(name: str) -> list[HostDefinition]:
    if name != "stub":
        raise LookupError(f"there is no estate called {name!r}")
    return [HostDefinition("HV01", address, {"Administrator": "secret"}, port=-1, certificate="estate_ca")]


stub = types.ModuleType("simulator.estates")
stub.load = load  # type: ignore[attr-defined]
sys.modules["simulator.estates"] = stub
simulator.estates = stub  # type: ignore[attr-defined]
runpy.run_module("simulator", run_name="__main__", alter_sys=False)
