"""Section `guests`: what guests say of themselves, to whom signs in to them with the right password."""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from simulator.windows.guests import GUESTS
from simulator.windows.host import WindowsHost
from simulator.windows.inside import told
from simulator.windows.machine import VirtualMachine
from simulator.windows.sections.reading import Reading

NO_CREDENTIAL = "no guest credential is set"
# PowerShell Direct began with 2016; an older host's Invoke-Command knows no -VMId.
FIRST_BUILD = 14393
NO_SUCH_PARAMETER = "absent: NamedParameterNotFound,Microsoft.PowerShell.Commands.InvokeCommandCommand"
NOT_RUNNING = "failed: InvalidVMState,Microsoft.PowerShell.Commands.InvokeCommandCommand"
NO_SUCH_VM = "failed: InvalidVMIdNotSingle,Microsoft.PowerShell.Commands.InvokeCommandCommand"
# Linux, and Windows before 10 and Server 2016: nothing in the guest answers. Which id that gives is not documented.
NOBODY_LISTENS = "failed: PSSessionStateBroken"
NOT_SHORT = "refused: the guest sent something else than one short answer"
# Refusals after which the probe tries a credential on no further guest.
MOST_REFUSALS = 2


def read(host: WindowsHost, now: datetime, anchor: datetime) -> Reading:
    return Reading(None, status="skipped", reason=NO_CREDENTIAL)


def read_with(host: WindowsHost, requests: Sequence[tuple[str, str, str]]) -> Reading:
    """The section for these guests: VM id, user name and password of each."""
    if not requests:
        return Reading(None, status="skipped", reason=NO_CREDENTIAL)
    machines = {vm.vm_id: vm for vm in host.vms}
    rows: list[dict[str, object]] = []
    refusals: dict[tuple[str, str], int] = {}
    for vm_id, user, password in requests:
        if refusals.get((user, password), 0) >= MOST_REFUSALS:
            rows.append(_row(vm_id, "skipped", "not tried: two guests refused this credential"))
            continue
        row = _ask(host, machines.get(vm_id), vm_id, user, password)
        if row["status"] == "denied":
            refusals[(user, password)] = refusals.get((user, password), 0) + 1
        rows.append(row)
    return Reading({"guests": rows})


def requests_from(parameters: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """VM id, user name and password of each guest, from the probe's parameters GuestList and GuestCredentials."""
    given = parameters.get("GuestCredentials")
    credentials: list[Any] = given if isinstance(given, list) else [given] if given else []
    found = []
    for entry in str(parameters.get("GuestList", "")).split(";"):
        vm_id, _, rest = entry.partition(",")
        number = int(rest.partition(",")[0] or 0)
        if vm_id and number < len(credentials):
            credential = credentials[number]
            found.append((vm_id.strip().lower(), str(credential["UserName"]), str(credential["Password"])))
    return found


def packed(document: Mapping[str, object]) -> str:
    """As the guest probe packs its answer."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.b64encode(gzip.compress(text, compresslevel=1, mtime=0)).decode()


def answer_of(vm: VirtualMachine) -> str:
    """What the guest probe emits inside this VM."""
    if vm.inside.behaves == "lies":
        return packed({"services": 7, "volumes": [{"volume_id": None}], "vm_id": "another"})
    system = GUESTS[vm.guest]
    return packed(told(vm.inside, vm.vm_id, int(system.os_build), int(system.product_type or 3)))


def _ask(host: WindowsHost, vm: VirtualMachine | None, vm_id: str, user: str, password: str) -> dict[str, object]:
    if host.build < FIRST_BUILD:
        return _row(vm_id, "error", NO_SUCH_PARAMETER)
    if vm is None:
        return _row(vm_id, "error", NO_SUCH_VM)
    if not vm.is_running:
        return _row(vm_id, "error", NOT_RUNNING)
    if not GUESTS[vm.guest].os_version.startswith("10."):
        return _row(vm_id, "error", NOBODY_LISTENS)
    if vm.inside.behaves == "hangs":
        return _row(vm_id, "timed_out", "timed_out: System.TimeoutException")
    if vm.inside.behaves == "refuses" or host.guest_accounts.get(user) != password:
        return _row(vm_id, "denied", "denied: PSDirectException")
    if vm.inside.behaves in ("floods", "babbles"):
        return _row(vm_id, "error", NOT_SHORT)
    return _row(vm_id, "ok", None, answer_of(vm))


def _row(vm_id: str, status: str, reason: str | None, answer: str | None = None) -> dict[str, object]:
    return {
        "vm_id": vm_id,
        "channel": "powershell_direct",
        "status": status,
        "reason": reason,
        "duration_ms": 2100,
        "answer": answer,
    }
