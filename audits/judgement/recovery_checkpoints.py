"""Recovery checkpoints: what a running backup has, and what a broken one leaves behind."""

from audits.judgement.view import HostView, VMView

RECOVERY = 1
# A backup that runs longer than a day is rarer than one that broke off the night before.
OLD_HOURS = 24


def created_too_long_ago(host: HostView, vm: VMView) -> str | None:
    """When the VM's first recovery checkpoint that is older than a day was made, as the host wrote it."""
    for checkpoint in vm.facts.checkpoints or ():
        if checkpoint.kind == RECOVERY and (host.hours_since(checkpoint.created_at) or 0) > OLD_HOURS:
            return checkpoint.created_at
    return None
