"""HOST-RAM: the host has free memory."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import EVERY_HOST, rule
from audits.judgement.sizes import GIBIBYTE, MEBIBYTE, in_words
from audits.judgement.unconfirmed import Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Scope, Section, Severity, VMState

# The article's own numbers; no Microsoft source has them.
WARNING_BYTES = 512 * MEBIBYTE
NOTE_BYTES = GIBIBYTE
START_ALWAYS = 4  # StartAction: 2 nothing, 3 start if it ran before, 4 start


@rule(
    id="HOST-RAM",
    title="The host has at least 1 GB of free memory",
    scope=Scope.HOST,
    severity=Severity.WARNING,
    needs=(Section.IDENTITY, Section.VMS),
    applies_to=EVERY_HOST,
    sources=("the article, item 8",),
    unconfirmed=(
        Unconfirmed("The thresholds of 512 MB and 1 GB, and what low memory does to a backup since 2012 R2."),
    ),
    fix="F21",
    version=2,
)
def host_has_free_memory(host: HostView) -> Iterator[Statement]:
    """A VM that was saved needs its memory back to start again. The article asks for 512 MB to 1 GB of free memory
    with every VM powered up, so the startup memory of VMs that are off and always start with the host is taken off
    what is free. Saving itself needs none.
    """
    free = host.evidence.identity.free_memory_bytes if host.evidence.identity else None
    if free is None:
        yield unknown(host, host.why(Section.IDENTITY, "free_memory_bytes"))
        return
    off = [vm for vm in host.vms if vm.state is VMState.OFF]
    starting = sum(vm.facts.memory_startup_bytes or 0 for vm in off if vm.facts.start_action == START_ALWAYS)
    left = free - starting
    measured = f"{in_words(max(left, 0))} free"
    if starting:
        measured += f" once the VMs run that start by themselves ({in_words(starting)})"
    if left < WARNING_BYTES:
        yield failed(host, measured=measured)
    elif host.why_vms_unknown is not None:
        yield unknown(host, host.why_vms_unknown)
    elif left - sum(_may_need_bytes(vm) for vm in off) < WARNING_BYTES:
        yield unknown(host, f"{host.why(Section.VMS, 'vms.start_action')}, and VMs that are off may need what is free")
    elif left < NOTE_BYTES:
        yield failed(host, measured=measured, severity=Severity.INFO, is_note=True)
    else:
        yield passed(host, measured)


def _may_need_bytes(vm: VMView) -> int:
    """Startup memory of a VM that is off and did not report whether it starts by itself."""
    return (vm.facts.memory_startup_bytes or 0) if vm.facts.start_action is None else 0
