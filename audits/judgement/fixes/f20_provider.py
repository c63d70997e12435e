"""F20: update or remove the hardware VSS provider."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Risk, Variant


def _ask_the_vendor(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.ELSEWHERE,
        by_hand=(
            "See which provider it is and which version: vssadmin list providers.",
            "Update it with the storage vendor's package, or remove it in Programs and Features if nothing uses it.",
            "In the backup job, choose the system provider if the product lets you.",
        ),
        no_commands="A provider is installed and removed by its vendor's own program.",
        verify="vssadmin.exe list providers",
        done_when="Its version is the one that the vendor supports for this Windows, or only the system provider is "
        "left.",
        way_back="Install the former version again.",
        caveats=(
            "Up to 2012 the provider must support auto-recovery, else online backups fail."
            if case.is_before_2012_r2
            else "The rule about auto-recovery is documented up to 2012 only.",
            "Do not remove it while a backup or a shadow copy of it exists.",
        ),
    )


FIX = Fix(
    id="F20",
    title="Update or remove the hardware VSS provider",
    why="VSS prefers a hardware provider, and one that cannot roll a copy back breaks the live backup of VMs.",
    effort_minutes=60,
    risk=Risk.MEDIUM,
    caveat="The vendor's procedure. Up to 2012 the provider must support auto-recovery.",
    variants=(Variant(name="provider of another vendor", rules=("HOST-PROVIDER",), write=_ask_the_vendor),),
)
