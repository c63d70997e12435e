"""HOST-CAPTION: the Hyper-V VSS writer announces the VM as online."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import ONLY_VSS, rule
from audits.judgement.unconfirmed import NOTHING, OFFLINE_LABEL, Unconfirmed
from audits.judgement.view import HostView
from audits.judgement.words import HostClass, Scope, Section, Severity, VMState, WriterSays
from audits.judgement.writer_silence import why_no_word


@rule(
    id="HOST-CAPTION",
    title="The Hyper-V VSS writer announces the VM as online",
    scope=Scope.VM,
    severity=Severity.WARNING,
    severity_on={HostClass.A: Severity.CRITICAL},
    needs=(Section.VMS, Section.WRITERS),
    paths=ONLY_VSS,
    sources=("DPM", "KB3098315", "LISTEST"),
    unconfirmed=(
        *OFFLINE_LABEL,
        Unconfirmed(
            "When the wording of the caption changed, and whether localised servers translate it (lab question Q2); "
            "a wording that no source shows is unknown.",
            weakens=NOTHING,
        ),
    ),
)
def writer_says_online(host: HostView) -> Iterator[Statement]:
    """The writer knows what the guest answered, so its own word covers conditions inside the guest that no other rule
    sees from the host. It is the second witness: the verdict reads it directly, and this result only shows it. A VM
    that is off carries the same label, which means nothing there.
    """
    for vm in host.vms:
        if vm.state is not VMState.RUNNING:
            yield not_applicable(vm, "the writer's word is about running VMs")
        elif vm.writer_says is WriterSays.ONLINE:
            yield passed(vm, "online")
        elif vm.writer_says is WriterSays.OFFLINE:
            yield failed(vm, measured="the writer says offline")
        else:
            yield unknown(vm, why_no_word(host, vm))
