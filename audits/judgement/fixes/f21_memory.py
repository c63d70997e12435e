"""F21: free memory on the host."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Variant

BIGGEST = """\
Get-VM | Where-Object { $_.MemoryAssigned -gt 0 } | Sort-Object MemoryAssigned -Descending |
    Select-Object -First 20 'Name', 'Id', 'MemoryAssigned', 'MemoryDemand', 'DynamicMemoryEnabled'"""


def _give_back(case: Case) -> Recipe:
    move = (
        "Failover Cluster Manager > Roles > the VM > Move > Live Migration."
        if case.host_is_clustered and not case.is_2008_r2
        else "Hyper-V Manager > the VM > Move, to a host with memory to spare (2012 and later)."
    )
    return Recipe(
        phase=Phase.ELSEWHERE,
        needs_hyper_v_module=True,
        by_hand=(
            "Hyper-V Manager: the columns Assigned Memory and Memory Demand show which VM has more than it uses.",
            "The VM > Settings > Memory: lower the maximum, or let the memory be dynamic. A fixed amount changes only "
            "with the VM off, before 2016.",
            f"Or {move}",
        ),
        commands=BIGGEST,
        only_looks=True,
        verify="Get-WmiObject -Class Win32_OperatingSystem |\n"
        "    Select-Object 'FreePhysicalMemory', 'TotalVisibleMemorySize'",
        done_when="FreePhysicalMemory, which is in KiB, is above 1048576 (1 GiB).",
        way_back="Give the VM its memory back.",
        caveats=(
            "The command only looks: how much memory a VM needs, only its owner knows.",
            "512 MB and 1 GB are the article's numbers; no Microsoft source has them.",
        ),
    )


FIX = Fix(
    id="F21",
    title="Free memory on the host",
    why="A VM that was saved needs its memory back to start again.",
    effort_minutes=15,
    caveat="Or lower a VM's startup memory.",
    variants=(Variant(name="little memory", rules=("HOST-RAM",), write=_give_back),),
)
