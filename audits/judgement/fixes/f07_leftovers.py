"""F7: remove what an earlier backup left, or mend the chain."""

from audits.judgement.evidence.vms import Disk, Image
from audits.judgement.fixes.busy import IS_BUSY
from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Choice, Fix, Phase, Recipe, Risk, Variant
from audits.judgement.fixes.menus import vm_settings
from audits.judgement.powershell import Code, commands, path_argument
from audits.judgement.rule import SINCE_2012_R2

RECOVERY_CHECKPOINTS = "Get-VMSnapshot -VM $vm -SnapshotType Recovery"
MERGE_REFUSED = ("microsoft-windows-hyper-v-vmms", 19100)
COPY = Choice("Copy", "an existing folder with room for a copy of the chain")
LEAF = Choice("Leaf", "the .avhdx that is attached")
BASE = Choice("Base", "the first file of its chain that is no .avhdx")
CHAIN_OF_VM = "Get-VHD -VMId $vm.Id | Select-Object 'Path', 'VhdType', 'ParentPath'"
MERGE = """\
Merge-VHD -Path {leaf} -DestinationPath {base} -ErrorAction Stop
Get-VMHardDiskDrive -VM $vm | Where-Object { $_.Path -eq {leaf} } | Set-VMHardDiskDrive -Path {base}"""
MERGE_UNKNOWN = "Copy-Item -LiteralPath $Leaf, $Base -Destination $Copy -ErrorAction Stop\n" + commands(
    MERGE, leaf=Code("$Leaf"), base=Code("$Base")
)
GRANT = "icacls.exe {folder} /grant {right}"
REVOKE = "icacls.exe {folder} /remove {account}"
LOOK_AT_THE_JOB = (
    "Stop and look at the backup job first: a mount or restore that the backup product holds open also needs the "
    "checkpoint.",
    "Merging needs free space of about the size of the disk, and takes its time while the VM runs.",
)


def _merges_were_refused(case: Case) -> bool:
    events = case.host.evidence.vss_events if case.host else None
    counts = (events.counts or ()) if events else ()
    return any((count.provider.lower(), count.event_id) == MERGE_REFUSED for count in counts)


def _folders(case: Case) -> list[str]:
    """Where the VM's virtual disks lie, each folder once."""
    disks = (case.vm.disks or ()) if case.vm else ()
    folders = [(disk.path or "").rpartition("\\")[0] for disk in disks]
    return list(dict.fromkeys(folder for folder in folders if folder))


def _remove_recovery_checkpoint(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.CHECKPOINTS,
        needs_hyper_v_module=True,
        by_hand=(
            "Hyper-V Manager shows these checkpoints but cannot delete them: use the commands.",
            "Then watch the column Status of the VM: “Merging disks” has to come and go.",
        ),
        commands=f"{RECOVERY_CHECKPOINTS} | Remove-VMSnapshot",
        irreversible="that point in time of the backup is gone; the VM itself loses nothing",
        done_already=commands("@(Get-VM -Id {vm} | Get-VMSnapshot -SnapshotType Recovery).Count -eq 0", vm=case.vm_id),
        verify=f"{RECOVERY_CHECKPOINTS}\nGet-VMHardDiskDrive -VM $vm | Select-Object Path",
        done_when="The first prints nothing, and after the merge no path ends with .avhdx.",
        way_back="Cannot be undone, and needs no way back: the checkpoint held an unfinished backup.",
        caveats=LOOK_AT_THE_JOB,
    )


def _access_hint(case: Case) -> tuple[str, ...]:
    if not _merges_were_refused(case):
        return ()
    return (
        "The host logged event 19100, a merge that was refused: the VM's own account, NT VIRTUAL MACHINE\\ and its id, "
        "may lack access to the folder of the disks. Give it full control there, else the next merge fails too.",
    )


def _merge_orphan(case: Case) -> Recipe:
    orphans = [(disk, chain) for disk in _avhdx(case) if (chain := _chain(case, disk))]
    steps = [_merge(disk, chain) for disk, chain in orphans]
    return Recipe(
        phase=Phase.MERGE,
        needs_hyper_v_module=True,
        vm_off=True,
        changes_configuration=True,
        downtime="the VM is off while its disks are merged",
        irreversible="after the merge the .avhdx files are worthless; the copy made first is the only way back",
        by_hand=(
            "Shut the VM down and copy its folder, every .avhdx included.",
            f"{vm_settings(case)} > the hard drive > Inspect, then Inspect Parent, and write the chain down, file by "
            "file.",
            "Hyper-V Manager > Edit Disk > the .avhdx that is attached > Merge > To the parent virtual hard disk. "
            "Repeat until only the base disk is left.",
            "Attach the base disk at the same place and start the VM.",
        ),
        look_first="" if steps else CHAIN_OF_VM,
        choose=(COPY,) if steps else (COPY, LEAF, BASE),
        commands="\n".join(steps) or MERGE_UNKNOWN,
        verify="Get-VMHardDiskDrive -VM $vm | Select-Object Path\n"
        "Get-VHD -VMId $vm.Id | Select-Object 'Path', 'VhdType', 'ParentPath'",
        done_when="No path ends with .avhdx and no ParentPath is left, unless a differencing disk is meant to be.",
        way_back="Shut the VM down, put the copied files back, and attach the .avhdx as before.",
        caveats=(
            "Never delete an .avhdx by hand, and never merge into a parent that another VM uses.",
            "Read the chain with Get-VHD first: every file of it has to be there.",
            *LOOK_AT_THE_JOB,
            *_access_hint(case),
        ),
    )


def _avhdx(case: Case) -> tuple[Disk, ...]:
    disks = (case.vm.disks or ()) if case.vm else ()
    return tuple(disk for disk in disks if (disk.path or "").lower().endswith((".avhdx", ".avhd")))


def _chain(case: Case, disk: Disk) -> tuple[Image, ...]:
    """From the attached file to the first that is no checkpoint file; empty where the chain is not known that far."""
    if case.host is None or not disk.path:
        return ()
    images = case.host.chains.of(disk.path).images
    for position, image in enumerate(images):
        if not image.path.lower().endswith((".avhdx", ".avhd")):
            return images[: position + 1]
    return ()


def _merge(disk: Disk, chain: tuple[Image, ...]) -> str:
    copies = [
        commands("Copy-Item -LiteralPath {path} -Destination $Copy -ErrorAction Stop", path=image.path)
        for image in chain
    ]
    return "\n".join([*copies, commands(MERGE, leaf=disk.path or "", base=chain[-1].path)])


def _find_missing_file(case: Case) -> Recipe:
    missing = case.measured.removeprefix("missing file ") if case.measured.startswith("missing file ") else ""
    look = commands("Test-Path -LiteralPath {path}", path=missing) if missing else "Get-VHD -VMId $vm.Id"
    return Recipe(
        phase=Phase.CHECKPOINTS,
        needs_hyper_v_module=True,
        by_hand=(
            f"Find the file {missing or 'that is missing'}: in another folder, on another volume, in a backup.",
            "Put it back under exactly that path. A backup of the file must be of the same moment as its children.",
            "If it lies elsewhere for good: Hyper-V Manager > Edit Disk > the child > Reconnect, with the VM off.",
            "If it is lost, the VM has to be restored from a backup.",
        ),
        commands=look,
        only_looks=True,
        downtime="the VM is off while a file is reconnected, or restored from a backup",
        verify=look if missing else "Get-VHD -VMId $vm.Id | Select-Object 'Path', 'ParentPath'",
        done_when="It prints True, and the VM starts." if missing else "Every file of the chain is listed.",
        way_back="Moving a file back changes nothing else. After Reconnect, reconnect to the old path.",
        caveats=(
            "Do not start the VM, do not merge and do not delete anything while a file is missing.",
            "The commands only look: which file is the right one, only a person can tell.",
        ),
    )


def _free_stuck_vm(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.CHECKPOINTS,
        needs_hyper_v_module=True,
        by_hand=(
            "See in the backup product whether its job still runs. If it does, wait or cancel it there.",
            "If no job runs, wait until the VM's column Status is empty, then remove the recovery checkpoint.",
            "If the status does not go away: restart the host's management service (fix F19).",
        ),
        commands=f"if (-not @($vm.OperationalStatus | Where-Object {{ {IS_BUSY} }}).Count) {{\n"
        f"    {RECOVERY_CHECKPOINTS} | Remove-VMSnapshot\n"
        "} else { 'Hyper-V still works on this VM: wait, or cancel the job in the backup product.' }",
        irreversible="that point in time of the backup is gone; the VM itself loses nothing",
        verify=f"$vm | Select-Object 'Name', 'Status', 'OperationalStatus'\n{RECOVERY_CHECKPOINTS}",
        done_when="The VM is in no operation any more and no recovery checkpoint is listed.",
        way_back="Cannot be undone, and needs no way back: the checkpoint held an unfinished backup.",
        caveats=("That such a VM is stuck rather than slow is a guess from the checkpoint's age.", *LOOK_AT_THE_JOB),
    )


def _grant_access(case: Case) -> Recipe:
    name = "its id" if case.vm is None else str(case.vm_id)
    grants, revocations = _rights(case)
    return Recipe(
        phase=Phase.CHECKPOINTS,
        needs_hyper_v_module=True,
        by_hand=(
            "Open the folder of the VM's disks > Properties > Security.",
            f"Give the VM's own account, NT VIRTUAL MACHINE\\ and {name}, full control of the folder and all in it.",
            "Then remove the recovery checkpoint with the commands, so that the merge is tried once more.",
        ),
        choose=(Choice("Folder", "the folder of the VM's disks"),) if case.vm is None else (),
        commands="\n".join([*grants, f"{RECOVERY_CHECKPOINTS} | Remove-VMSnapshot"]) if grants else "",
        no_commands="" if grants else "No folder of the VM's disks can be passed to icacls.exe safely.",
        irreversible="that point in time of the backup is gone; the VM itself loses nothing",
        verify=f"{RECOVERY_CHECKPOINTS}\nGet-VMHardDiskDrive -VM $vm | Select-Object Path",
        done_when="The first prints nothing, after the merge no path ends with .avhdx, and event 19100 stays away.",
        undo="\n".join(revocations),
        way_back="The right can be taken away again; the checkpoint cannot be brought back, and needs not to be.",
        caveats=(
            "That event 19100 was about this VM is likely, not certain: it is counted per host.",
            *LOOK_AT_THE_JOB,
        ),
    )


def _rights(case: Case) -> tuple[list[str], list[str]]:
    """The commands that give the VM's account its right to each folder, and those that take it away."""
    if case.vm is None:
        account = Code('"NT VIRTUAL MACHINE\\$($vm.Id)"')
        right = Code('"NT VIRTUAL MACHINE\\$($vm.Id):(OI)(CI)F"')
        folder = Code("$Folder")
        return [commands(GRANT, folder=folder, right=right)], [commands(REVOKE, folder=folder, account=account)]
    named = f"NT VIRTUAL MACHINE\\{case.vm_id}"
    folders = [path for each in _folders(case) if (path := path_argument(each)) and path_argument(named)]
    return (
        [commands(GRANT, folder=folder, right=f"{named}:(OI)(CI)F") for folder in folders],
        [commands(REVOKE, folder=folder, account=named) for folder in folders],
    )


FIX = Fix(
    id="F7",
    title="Remove what an earlier backup left, or mend the chain",
    why="What a broken backup leaves behind grows, slows the VM down and makes the next backup fail.",
    needs_downtime=True,
    effort_minutes=30,
    risk=Risk.MEDIUM,
    caveat="Look at the backup job first. An orphaned chain is merged with the VM off and a copy at hand. Never "
    "delete an .avhdx by hand. A merge needs about the size of the disk.",
    variants=(
        Variant(
            name="orphaned chain",
            rules=("VM-LEFTOVER",),
            when=lambda case: "without a checkpoint" in case.measured,
            classes=SINCE_2012_R2,
            write=_merge_orphan,
        ),
        Variant(
            name="merge refused (event 19100)",
            rules=("VM-LEFTOVER",),
            when=_merges_were_refused,
            classes=SINCE_2012_R2,
            write=_grant_access,
        ),
        Variant(
            name="recovery checkpoint", rules=("VM-LEFTOVER",), classes=SINCE_2012_R2, write=_remove_recovery_checkpoint
        ),
        Variant(name="missing file", rules=("VM-CHAIN",), write=_find_missing_file),
        Variant(name="stuck backup", rules=("VM-BUSY",), write=_free_stuck_vm),
    ),
)
