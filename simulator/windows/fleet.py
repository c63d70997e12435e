"""Many hosts at once, all different and always the same: for benchmarks and long lists."""

import random
from collections.abc import Iterator

from simulator.windows.host import WindowsHost, host
from simulator.windows.machine import VirtualMachine, vm
from simulator.windows.versions import VERSIONS

ROLES = ("dc", "sql", "file", "print", "app", "web", "exch", "rds", "erp", "mon")
# About a tenth of the VMs is not as it should be, in the proportion technicians know.
TROUBLES: tuple[dict[str, object], ...] = (
    {"backup_service": False},
    {"backup_answer": "lost"},
    {"state": "off"},
    {"guest_blocks": "dynamic disk"},
)
TROUBLED_SHARE = 0.1


def fleet(*, hosts: int, vms: int, seed: int = 1) -> Iterator[WindowsHost]:
    """`hosts` hosts with `vms` VMs each, one at a time; the same ones for the same seed."""
    builds = sorted(VERSIONS)
    for number in range(1, hosts + 1):
        dice = random.Random(f"{seed}/{number}")  # noqa: S311 - a fixture, not a secret
        name = f"hv{number:04d}.fleet.example"
        yield host(
            name,
            build=builds[number % len(builds)],
            domain="fleet.example",
            vms=[_machine(dice, number, each) for each in range(1, vms + 1)],
        )


def _machine(dice: random.Random, host_number: int, number: int) -> VirtualMachine:
    differs = dice.choice(TROUBLES) if dice.random() < TROUBLED_SHARE else {}
    return vm(f"{dice.choice(ROLES)}-{host_number:04d}-{number:02d}", **differs)
