"""VM-BUSY: no merge, backup or migration is under way."""

from collections.abc import Iterator

from audits.judgement.recovery_checkpoints import created_too_long_ago
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import EVERY_HOST, rule
from audits.judgement.unconfirmed import Unconfirmed
from audits.judgement.view import HostView
from audits.judgement.words import Scope, Section, Severity


@rule(
    id="VM-BUSY",
    title="No merge, backup or migration of the VM is under way",
    scope=Scope.VM,
    severity=Severity.WARNING,
    needs=(Section.VMS,),
    applies_to=EVERY_HOST,
    sources=("MS-TSBKP", "STUB"),
    unconfirmed=(
        Unconfirmed("That a busy VM whose recovery checkpoint is older than a day is stuck rather than slow."),
    ),
    fix="F7",
)
def nothing_under_way(host: HostView) -> Iterator[Statement]:
    """While a checkpoint is merged or another backup runs, the next backup of the VM fails or waits, and what the
    host reports of the VM is in motion. So the answer is to ask again. Only when the checkpoint of that backup is
    more than a day old does it look stuck.
    """
    for vm in host.vms:
        if vm.facts.operational_status is None:
            yield unknown(vm, host.why(Section.VMS, "vms.operational_status"))
        elif vm.busy_with is None:
            yield passed(vm)
        elif (since := created_too_long_ago(host, vm)) is not None:
            yield failed(vm, measured=f"{vm.busy_with}, with a recovery checkpoint of {since}")
        else:
            yield unknown(vm, f"the VM is {vm.busy_with}: ask again when that has ended", Severity.INFO)
