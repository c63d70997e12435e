"""A described Windows host after somebody did what the planner's steps say: those faults are gone, and no others."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from audits.judgement.planner.repairs import Step, type_of_failure
from simulator.windows import Disk, Inside, VirtualMachine, WindowsHost

T = TypeVar("T")


def _on_its_own_disks(vm: VirtualMachine) -> VirtualMachine:
    return replace(vm, disks=tuple(disk for disk in vm.disks if disk.number is None))


def _without(services: Mapping[str, T], name: str) -> dict[str, T]:
    return {each: word for each, word in services.items() if each != name}


def _only(services: Mapping[str, T], name: str) -> dict[str, T]:
    return {each: word for each, word in services.items() if each == name}


def _as_set(disk: Disk) -> Disk:
    return replace(disk, path=disk.path.removesuffix(".vhdx") + ".vhds", format="vhds") if disk.shared else disk


def _healthy_storage(vm: VirtualMachine) -> VirtualMachine:
    return replace(vm, operational_status=(), state="running" if vm.state == "running_critical" else vm.state)


MEND_VM: dict[str, Callable[[VirtualMachine], VirtualMachine]] = {
    "VM-RUN": lambda vm: replace(vm, state="running"),
    "VM-ISBACKUP": lambda vm: replace(vm, backup_service=True),
    "VM-ISSTATE": lambda vm: replace(vm, backup_answer="ok"),
    "VM-SNAPLOC": lambda vm: replace(vm, checkpoint_folder=""),
    "VM-SCSI": lambda vm: replace(vm, scsi_controllers=1),
    "VM-PASSTHRU": _on_its_own_disks,
    "VM-SHARED": lambda vm: replace(vm, disks=tuple(map(_as_set, vm.disks))),
    "VM-BUSY": lambda vm: replace(vm, busy=None, checkpoints=()),
    "VM-CKPT": lambda vm: replace(vm, checkpoint_type="production"),
    "VM-STORAGE": _healthy_storage,
    "VM-CLUSTER": lambda vm: replace(vm, group_state=0, resource_state=2),
}
MEND_INSIDE: dict[str, Callable[[Inside], Inside]] = {
    "G-VMICVSS": lambda inside: replace(inside, services=_without(inside.services, "vmicvss")),
    "G-SVC": lambda inside: replace(inside, services=_only(inside.services, "vmicvss")),
    "G-FS": lambda inside: replace(inside, data_file_system="NTFS"),
    "G-LDM": lambda inside: replace(inside, dynamic_disk=False),
    "G-SHADOW": lambda inside: replace(inside, shadow_storage_on_data=False),
}
MEND_HOST: dict[str, Callable[[WindowsHost], WindowsHost]] = {
    "HOST-VMMS": lambda host: replace(host, services=_without(host.services, "vmms")),
    "HOST-SVC": lambda host: replace(host, services=_only(host.services, "vmms")),
    "HOST-WRITER": lambda host: replace(host, hyper_v_writer=1),
    "HOST-RAM": lambda host: replace(host, free_memory_gb=64.0),
}


def repaired(host: WindowsHost, steps: Iterable[Step]) -> WindowsHost:
    """The host with everything mended that these steps mend."""
    for failure in dict.fromkeys(failure for step in steps for failure in step.mends):
        host = _mended(host, failure)
    return _with_its_groups(host)


def _mended(host: WindowsHost, failure: type_of_failure) -> WindowsHost:
    rule_id, subject_id = failure
    if rule_id in MEND_HOST:
        return MEND_HOST[rule_id](host)
    if rule_id == "VOL-FREE":
        roomy = tuple(
            replace(volume, free_gb=volume.capacity_gb / 2) if host.volume_id_of(volume) == subject_id else volume
            for volume in host.volumes
        )
        return replace(host, volumes=roomy)
    if rule_id == "VM-CHAIN":
        return _with_whole_chains(host, subject_id)
    mend = _mend_inside(MEND_INSIDE[rule_id]) if rule_id in MEND_INSIDE else MEND_VM[rule_id]
    return replace(host, vms=tuple(mend(vm) if vm.vm_id == subject_id else vm for vm in host.vms))


def _mend_inside(mend: Callable[[Inside], Inside]) -> Callable[[VirtualMachine], VirtualMachine]:
    return lambda vm: replace(vm, inside=mend(vm.inside))


def _with_whole_chains(host: WindowsHost, vm_id: str) -> WindowsHost:
    """The VM's missing files are back, and with them those of every VM that had the same parent."""
    [broken] = (vm for vm in host.vms if vm.vm_id == vm_id)
    parents = {disk.parent for disk in broken.disks if disk.missing == "parent"}

    def is_back(vm: VirtualMachine, disk: Disk) -> bool:
        return vm.vm_id == vm_id or (disk.missing == "parent" and disk.parent in parents)

    return replace(
        host,
        vms=tuple(
            replace(vm, disks=tuple(replace(disk, missing="") if is_back(vm, disk) else disk for disk in vm.disks))
            for vm in host.vms
        ),
    )


def _with_its_groups(host: WindowsHost) -> WindowsHost:
    """The cluster says of each VM's group what the VM says."""
    if host.cluster is None:
        return host
    own = {vm.vm_id: vm for vm in host.vms}
    groups = tuple(
        replace(group, group_state=own[group.vm_id].group_state, resource_state=own[group.vm_id].resource_state)
        if group.vm_id in own
        else group
        for group in host.cluster.groups
    )
    return replace(host, cluster=replace(host.cluster, groups=groups))
