"""Without a number: leave the VM out of the host's job and back it up inside the guest."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Variant


def _exclude(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.ELSEWHERE,
        by_hand=(
            "In the backup product: take the VM out of the job that backs the host's VMs up.",
            "Install the product's agent in the guest and back the guest up from within.",
            "Run both once, and restore a file from each in a test.",
        ),
        no_commands="It is a setting of the backup product.",
        verify="",
        done_when="The VM is in no job of the host any more, and a backup from within the guest exists.",
        way_back="Put the VM back into the job and remove the agent.",
        caveats=(
            "Through the host's VSS one VM that cannot be snapshotted makes the backup of all of them fail: leaving it "
            "out helps the others as well.",
            "A backup from within brings the guest back, not the VM: keep its configuration, too.",
        ),
    )


# The alternative exists for every cause that makes a VM saved on path vss.
FIX = Fix(
    id="exclude",
    title="Leave the VM out of the host's job and back it up inside the guest",
    why="A VM that cannot be made ready is neither paused nor a danger to the others once the job leaves it out.",
    effort_minutes=60,
    caveat="Two jobs instead of one, and a restore of the whole VM takes more steps.",
    variants=(Variant(name="any cause", rules=(), write=_exclude),),
)
