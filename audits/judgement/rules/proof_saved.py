"""PROOF-SAVED: no backup was seen to save the VM."""

from collections.abc import Iterator

from audits.judgement.moments import in_words, length_in_words
from audits.judgement.result import Statement, failed, unknown
from audits.judgement.rule import EVERY_HOST, rule
from audits.judgement.unconfirmed import NOTHING, Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Observed, Scope, Section, Severity


@rule(
    id="PROOF-SAVED",
    title="No backup was seen to save the VM",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS, Section.VM_EVENTS, Section.JOBS),
    applies_to=EVERY_HOST,
    sources=("KB2981479", "MS-JOB", "HVLOGS"),
    unconfirmed=(
        # The host's manifest is read with the events and decides how sure a proof is: no mark weakens it a second time.
        Unconfirmed(
            "That Hyper-V-Worker 18510 means saved and 18596 restored: no Microsoft text names them (lab question Q6).",
            weakens=NOTHING,
        ),
        Unconfirmed(
            "Whether a save by the VSS writer is listed as a job of Hyper-V (lab question Q4).", weakens=NOTHING
        ),
        Unconfirmed("That a pause of more than fifteen minutes is no backup's.", weakens=NOTHING),
    ),
)
def no_save_was_seen(host: HostView) -> Iterator[Statement]:
    """A VM that was saved and restored within minutes while a backup ran was pulled offline, whatever any prediction
    says. Saves by a shutdown of the host, a move in the cluster, an applied checkpoint or by hand are left out. It is
    the third witness: the verdict shows it and never follows it. It never passes, because a log without a save proves
    little: logs are small, wrap within days, and another night may differ. Times are UTC.
    """
    for vm in host.vms:
        observation = vm.observation
        if observation.word is Observed.SAVED:
            yield _seen(vm)
        else:
            yield unknown(vm, observation.reason, Severity.INFO)


def _seen(vm: VMView) -> Statement:
    proofs = [episode for episode in vm.observation.episodes if episode.is_proof]
    last = proofs[-1]
    assert last.restored_at is not None  # or it would be no proof
    measured = f"was saved {in_words(last.saved_at)} for {length_in_words(last.restored_at - last.saved_at)}"
    return failed(vm, measured=measured, confidence=last.confidence)
