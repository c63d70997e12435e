"""What Hyper-V's own VSS writer says of a VM: its caption, decided from the facts as the documentation tells it."""

from simulator.windows.guests import GUESTS
from simulator.windows.host import WindowsHost
from simulator.windows.machine import VirtualMachine
from simulator.windows.places import attached_paths, checkpoint_folder

GUESTS_WITHOUT_VSS = {"windows-xp"}  # KB958662: 2000 and XP are put into a saved state


def calls_it_online(host: WindowsHost, vm: VirtualMachine) -> bool:
    """Whether the writer would take a snapshot inside the running VM (MS-BR's five conditions, DPM's for clusters)."""
    return (
        vm.is_running
        and vm.backup_service is True
        and vm.backup_answer in ("ok", "degraded")
        and not vm.guest_blocks
        and not vm.inside.blocks_snapshots
        and vm.guest not in GUESTS_WITHOUT_VSS
        and vm.group_state == 0
        and (host.version.knows_generations or (_snapshot_beside_the_disks(host, vm) and not GUESTS[vm.guest].linux))
    )


def caption(host: WindowsHost, vm: VirtualMachine) -> str:
    r"""The component's caption, `<prefix>\<display name>`."""
    if vm.caption is not None:
        return vm.caption
    version = host.version
    prefix = version.online_caption if calls_it_online(host, vm) else version.offline_caption
    return f"{prefix}\\{vm.name}"


def _snapshot_beside_the_disks(host: WindowsHost, vm: VirtualMachine) -> bool:
    volume = host.volume_under(checkpoint_folder(host, vm))
    return all(host.volume_under(path) == volume for path in attached_paths(host, vm))
