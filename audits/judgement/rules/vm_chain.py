"""VM-CHAIN: every file of the VM's disk chains is there."""

from collections.abc import Iterator

from audits.judgement.chains import ChainState
from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import EVERY_HOST, rule
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Scope, Section, Severity


@rule(
    id="VM-CHAIN",
    title="Every file of the VM's virtual disk chains exists",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS,),
    applies_to=EVERY_HOST,
    sources=("MS-TSBKP", "MS-GETVHD"),
    fix="F7",
)
def chains_are_whole(host: HostView) -> Iterator[Statement]:
    """A differencing disk needs its parent, and that one its own. With a file missing the backup of the VM fails. A
    file counts as missing only when its folder could be listed. A file that exists but cannot be opened may be in
    use on another node, be protected from the account, or be damaged: that is unknown, not broken.
    """
    for vm in host.vms:
        yield _judge(host, vm)


def _judge(host: HostView, vm: VMView) -> Statement:
    if vm.disks is None:
        return unknown(vm, host.why(Section.VMS, "vms.disks"))
    if not vm.disks:
        return not_applicable(vm, "the VM has no virtual disk")
    why_unknown = None
    for disk in vm.disks:
        chain = host.chains.of(disk.path or "")
        if chain.state is ChainState.BROKEN:
            return failed(vm, measured=chain.why or "broken")
        if chain.state is ChainState.UNKNOWN:
            why_unknown = why_unknown or chain.why
    return unknown(vm, why_unknown) if why_unknown else passed(vm)
