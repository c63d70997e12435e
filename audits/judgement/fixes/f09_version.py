"""F9: raise the VM's version, its disks' format, or the cluster's functional level."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Choice, Fix, Phase, Recipe, Risk, Variant
from audits.judgement.fixes.menus import vm_menu, vm_settings
from audits.judgement.powershell import Code, commands
from audits.judgement.rule import SINCE_2016

VHD = 2
CONVERT = """\
Convert-VHD -Path {old} -DestinationPath {new} -ErrorAction Stop
Get-VMHardDiskDrive -VM $vm | Where-Object { $_.Path -eq {old} } | Set-VMHardDiskDrive -Path {new}"""
CONVERT_UNKNOWN = "$New = [IO.Path]::ChangeExtension($Old, '.vhdx')\n" + commands(
    CONVERT, old=Code("$Old"), new=Code("$New")
)


def _raise_version(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.VERSION,
        needs_hyper_v_module=True,
        vm_off=True,
        downtime="the VM is off for about 2 min",
        irreversible="the VM never runs on an older Windows again, nor can it be moved back to one",
        by_hand=(
            "Shut the VM down. A saved state must not exist: start and shut down once if there is one.",
            f"{vm_menu(case)} > Upgrade Configuration Version.",
            "Start the VM.",
        ),
        commands="Update-VMVersion -VM $vm",
        verify="$vm | Select-Object 'Name', 'Version'\nGet-VMHostSupportedVersion -Default | Select-Object Version",
        done_when="Both versions are the same.",
        way_back="Cannot be undone. Only a backup made before brings the old version back.",
        caveats=(
            "Make a backup first. Every host that the VM may move to, replica servers included, must know the version.",
        ),
    )


def _convert_disks(case: Case) -> Recipe:
    old = _vhd_paths(case)
    steps = [commands(CONVERT, old=path, new=f"{path.rpartition('.')[0]}.vhdx") for path in old]
    back = [
        commands(
            "Get-VMHardDiskDrive -VM $vm | Where-Object { $_.Path -eq {new} } | Set-VMHardDiskDrive -Path {old}",
            old=path,
            new=f"{path.rpartition('.')[0]}.vhdx",
        )
        for path in old
    ]
    return Recipe(
        phase=Phase.DISKS,
        needs_hyper_v_module=True,
        vm_off=True,
        changes_configuration=True,
        downtime="the VM is off while its disks are copied into the new format",
        by_hand=(
            "Shut the VM down.",
            "Hyper-V Manager > Edit Disk > the .vhd > Convert > VHDX, into the same folder.",
            f"{vm_settings(case)} > the hard drive: choose the .vhdx at the same place. Start the VM.",
        ),
        choose=() if steps else (Choice("Old", "path of the .vhd"),),
        commands="\n".join(steps) or CONVERT_UNKNOWN,
        done_already=_no_disk_is(case, old) if old else "",
        verify="Get-VMHardDiskDrive -VM $vm | Select-Object Path",
        done_when="Every path ends with .vhdx and the VM starts.",
        undo="\n".join(back),
        way_back="With the VM off, attach the .vhd again, which stays where it is. What was written since is not on "
        "it. Delete it once the next backup was restored in a test.",
        caveats=(
            "Needs room for a second copy of each disk. Remove the VM's checkpoints first: an .avhd cannot be "
            "converted by itself.",
            "VHDX brings change tracking, so faster backups; no VM is pulled offline for want of it.",
        ),
    )


def _no_disk_is(case: Case, paths: list[str]) -> str:
    return " -and ".join(
        commands(
            "@(Get-VM -Id {vm} | Get-VMHardDiskDrive | Where-Object { $_.Path -eq {path} }).Count -eq 0",
            vm=case.vm_id,
            path=path,
        )
        for path in paths
    )


def _vhd_paths(case: Case) -> list[str]:
    if case.vm is None or case.host is None:
        return []
    return [
        disk.path
        for disk in case.vm.disks or ()
        if disk.path
        and disk.path.lower().endswith(".vhd")
        and (image := case.host.chains.image(disk.path)) is not None
        and image.format == VHD
    ]


def _raise_cluster_level(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.CLUSTER_LEVEL,
        irreversible="no node of an older Windows can join the cluster again",
        by_hand=(
            "Check in Failover Cluster Manager > Nodes that every node is up and runs the same Windows version.",
            "There is no window for it: use the command, once, on any node.",
        ),
        commands="Update-ClusterFunctionalLevel",
        verify="Get-Cluster | Select-Object 'Name', 'ClusterFunctionalLevel'\n"
        "Get-ClusterNode | Select-Object 'Name', 'State', 'MajorVersion', 'BuildNumber'",
        done_when="The level is the one of the nodes' Windows version and all builds are the same.",
        way_back="Cannot be undone.",
        caveats=(
            "Which number belongs to 2022 and to 2025 is background knowledge.",
            "Ask the command first: Update-ClusterFunctionalLevel -WhatIf changes nothing.",
            "Afterwards the VMs still have their old configuration version: see VM-VERSION.",
        ),
    )


def _upgrade_nodes(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.CLUSTER_LEVEL,
        downtime="each node is drained in its turn; VMs move live",
        by_hand=(
            "One node after the other: Failover Cluster Manager > Nodes > the node > Pause > Drain Roles.",
            "Evict it, install the newer Windows, join it again, resume it.",
            "When all nodes run the same version, raise the functional level, which cannot be undone.",
        ),
        no_commands="The nodes run different Windows versions: installing them anew is no command.",
        verify="Get-ClusterNode | Select-Object 'Name', 'State', 'MajorVersion', 'BuildNumber'",
        done_when="All builds are the same.",
        way_back="Until the functional level is raised, a node of the older version can still join.",
        caveats=("A cluster of two versions is meant to last weeks, not years.",),
    )


FIX = Fix(
    id="F9",
    title="Raise the version or format",
    why="An old version or format has no change tracking, and products fall back to older ways of backing up.",
    needs_downtime=True,
    effort_minutes=20,
    risk=Risk.HIGH,
    caveat="Cannot be undone: the VM no longer runs on older hosts. So it is with a cluster's functional level.",
    variants=(
        Variant(name="configuration version", rules=("VM-VERSION",), classes=SINCE_2016, write=_raise_version),
        Variant(name="VHD format", rules=("VM-VHDFMT",), classes=SINCE_2016, write=_convert_disks),
        Variant(
            name="nodes of different versions",
            rules=("HOST-MIXED",),
            when=lambda case: "builds" in case.measured,
            classes=SINCE_2016,
            write=_upgrade_nodes,
        ),
        Variant(name="functional level", rules=("HOST-MIXED",), classes=SINCE_2016, write=_raise_cluster_level),
    ),
)
