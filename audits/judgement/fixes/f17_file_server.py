"""F17: let the file server take part in shadow copies."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Variant, Where
from audits.judgement.rule import SINCE_2012_R2


def _install_agent(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.ELSEWHERE,
        where=Where.FILE_SERVER,
        by_hand=(
            "On the file server: Server Manager > Manage > Add Roles and Features > File and Storage Services > File "
            "and iSCSI Services > File Server VSS Agent Service.",
            "Add the account of the Hyper-V host (its computer account) and of the backup product to the file "
            "server's group Backup Operators.",
        ),
        commands="Install-WindowsFeature -Name 'FS-VSS-Agent'",
        verify="Get-WindowsFeature -Name 'FS-VSS-Agent' | Select-Object 'Name', 'InstallState'",
        done_when="InstallState is Installed, and a backup of a VM on the share ends without VSS errors.",
        undo="Uninstall-WindowsFeature -Name 'FS-VSS-Agent'",
        way_back="Remove the feature again.",
        caveats=(
            "The name of the feature is background knowledge.",
            "A file server that is no Windows Server has its own way, or none: ask its vendor.",
            "From the host alone nothing of this can be seen, so the check stays unknown until a backup proves it.",
        ),
    )


FIX = Fix(
    id="F17",
    title="Let the file server take part in shadow copies",
    why="The VM's files lie on a share, and only the file server can make a shadow copy of its own volume.",
    effort_minutes=20,
    caveat="On the file server; the host's account needs backup operator rights there.",
    variants=(Variant(name="VM on a share", rules=("VOL-SMB",), classes=SINCE_2012_R2, write=_install_agent),),
)
