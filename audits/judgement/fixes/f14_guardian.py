"""F14: keep the certificates that open a VM with a virtual TPM."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Choice, Fix, Phase, Recipe, Variant
from audits.judgement.rule import SINCE_2016

STORE = "Get-ChildItem 'Cert:\\LocalMachine\\Shielded VM Local Certificates'"


def _export(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.ELSEWHERE,
        by_hand=(
            "On the host: certlm.msc > Shielded VM Local Certificates > Certificates.",
            "Each certificate > All Tasks > Export, with its private key, into a file with a password.",
            "Keep files and password away from the host: without them the VM starts on no other host.",
        ),
        choose=(Choice("Folder", "a folder that is kept away from this host"),),
        commands="$Password = Read-Host -AsSecureString 'Password for the files'\n"
        f"{STORE} | ForEach-Object {{\n"
        "    $File = Join-Path $Folder ($_.Thumbprint + '.pfx')\n"
        "    Export-PfxCertificate -Cert $_ -FilePath $File -Password $Password\n"
        "}",
        verify=f"{STORE} | Select-Object 'Thumbprint', 'Subject', 'HasPrivateKey'",
        done_when="There is a .pfx file for every thumbprint.",
        way_back="Delete the files.",
        caveats=(
            "A matter of restoring: the backup itself does not depend on it.",
            "The name of the store is background knowledge. With a Host Guardian Service its administrators keep the "
            "keys.",
        ),
    )


FIX = Fix(
    id="F14",
    title="Keep the guardian's certificates",
    why="A VM with a virtual TPM starts elsewhere only with the keys of the host that made it.",
    effort_minutes=20,
    caveat="A matter of restoring, not of the saved state.",
    variants=(Variant(name="virtual TPM", rules=("VM-TPM",), classes=SINCE_2016, write=_export),),
)
