"""F6: turn the shared VHDX into a VHD set."""

from audits.judgement.evidence.vms import Disk
from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Choice, Fix, Phase, Recipe, Risk, Variant
from audits.judgement.fixes.menus import vm_settings
from audits.judgement.powershell import Code, commands
from audits.judgement.rule import SINCE_2016
from audits.judgement.words import HostClass

SHARED = "Get-VMHardDiskDrive -VM $vm | Where-Object { $_.SupportPersistentReservations }"
CONVERT = """\
{shared} | Where-Object { $_.Path -eq {old} } |
    Remove-VMHardDiskDrive
Convert-VHD -Path {old} -DestinationPath {new} -ErrorAction Stop
Add-VMHardDiskDrive -VM $vm -Path {new} -SupportPersistentReservations"""


def _shared_disks(case: Case) -> tuple[Disk, ...]:
    disks = (case.vm.disks or ()) if case.vm else ()
    return tuple(disk for disk in disks if disk.persistent_reservations and not _is_set(disk))


def _is_set(disk: Disk) -> bool:
    return (disk.path or "").lower().endswith(".vhds")


def _to_vhd_set(case: Case) -> Recipe:
    paths = [disk.path for disk in _shared_disks(case) if disk.path]
    steps = [commands(CONVERT, shared=Code(SHARED), old=path, new=f"{path.rpartition('.')[0]}.vhds") for path in paths]
    return Recipe(
        phase=Phase.DISKS,
        needs_hyper_v_module=True,
        vm_off=True,
        changes_configuration=True,
        downtime="every VM of the guest cluster is off while the disk is converted",
        by_hand=(
            "Shut down every VM of the guest cluster.",
            f"{vm_settings(case)}, in each of them: remove the shared drive.",
            "Hyper-V Manager > Edit Disk > the shared .vhdx > Convert > VHD Set.",
            "In each VM add the .vhds as a shared drive at the same place, then start them.",
        ),
        choose=()
        if steps
        else (
            Choice("Old", "path of the shared .vhdx"),
            Choice("New", "the same path with the ending .vhds"),
        ),
        commands="\n".join(steps) or commands(CONVERT, shared=Code(SHARED), old=Code("$Old"), new=Code("$New")),
        held_back="the other VMs of the guest cluster have to be off, and the disk detached from them, first",
        verify=f"{SHARED} |\n    Select-Object Path",
        done_when="Every path ends with .vhds, in every VM of the guest cluster, and the cluster in the guests is "
        "healthy.",
        way_back="The .vhdx stays: with all VMs off, attach it again instead of the .vhds. What was written since is "
        "not on it.",
        caveats=(
            "The commands are for one VM. Detach the disk from the other VMs of the guest cluster before converting, "
            "and add the .vhds to each of them afterwards.",
            "Each VM's own account (NT VIRTUAL MACHINE and its id) needs full access to the folder of the .vhds, else "
            "merges fail with event 19100.",
        ),
    )


def _inside_the_guest(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.ELSEWHERE,
        needs_hyper_v_module=True,
        by_hand=(
            "Exclude the VM from the host's backup job and back the guest cluster up inside the guests.",
            "Or upgrade the hosts to 2016 or later, where a VHD set (.vhds) replaces the shared disk.",
        ),
        no_commands="2012 R2 has no VHD sets, and a checkpoint of a VM with a shared disk is not supported there.",
        verify=f"{SHARED} |\n    Select-Object Path",
        done_when="It prints nothing, or the VM is in no job that backs it up from the host.",
        way_back="Put the VM back into the job.",
    )


FIX = Fix(
    id="F6",
    title="Turn the shared VHDX into a VHD set",
    why="A checkpoint of a VM with a shared VHDX is not supported; VHD sets were made so that backups can have one.",
    needs_downtime=True,
    effort_minutes=90,
    risk=Risk.HIGH,
    caveat="2016 and later. The whole guest cluster is off meanwhile; each VM's own account needs access.",
    variants=(
        Variant(
            name="up to 2012 R2",
            rules=("VM-SHARED",),
            when=lambda case: case.is_before_2016,
            classes=frozenset({HostClass.B}),
            write=_inside_the_guest,
        ),
        Variant(name="2016 and later", rules=("VM-SHARED",), classes=SINCE_2016, write=_to_vhd_set),
    ),
)
