"""Fixes as text: what to do about a failed check. Fleet Audit prints them and never runs them."""

from enum import StrEnum

from msgspec import Struct


class Risk(StrEnum):
    """What may go wrong: low, nothing is lost; medium, copies or a service are; high, data or the way back may be."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Fix(Struct, frozen=True, kw_only=True):
    """`lines` are PowerShell or commands with placeholders in braces, filled and quoted where they are shown.

    `needs_downtime`: the VM, or its guest, has to be off or restarted. `effort_minutes` is a technician's estimate of
    the work, without waiting times.
    """

    id: str
    title: str
    lines: tuple[str, ...]
    needs_downtime: bool
    effort_minutes: int
    risk: Risk
    caveat: str


def _fix(
    id: str,
    title: str,
    *lines: str,
    minutes: int,
    caveat: str,
    downtime: bool = False,
    risk: Risk = Risk.LOW,
) -> Fix:
    return Fix(
        id=id, title=title, lines=lines, needs_downtime=downtime, effort_minutes=minutes, risk=risk, caveat=caveat
    )


_ALL = (
    _fix(
        "F1",
        "Offer the backup service to the VM",
        "Get-VMIntegrationService -VMName {vm} |",
        "  Where-Object Id -match '5CED1297-4598-4915-A5FC-AD21BB4D02A4' | Enable-VMIntegrationService",
        minutes=2,
        caveat="Works while the VM runs. Some people switch the service off to force saved-state backups: ask first.",
    ),
    _fix(
        "F2",
        "Make the backup service in the guest answer",
        "# in a Windows guest",
        "Set-Service vmicvss -StartupType Manual; Start-Service vmicvss",
        minutes=15,
        caveat="An outdated guest needs newer integration services (Windows Update, up to 2012 R2 vmguest.iso) and may "
        "have to restart. Linux: install the distribution's Hyper-V daemons.",
    ),
    _fix(
        "F3",
        "Move the checkpoint folder beside the disks",
        "Set-VM -Name {vm} -SnapshotFileLocation {folder}",
        minutes=10,
        caveat="Remove the VM's checkpoints first.",
    ),
    _fix(
        "F4",
        "Add a SCSI controller",
        "Stop-VM -Name {vm}; Add-VMScsiController -VMName {vm}; Start-VM -Name {vm}",
        minutes=10,
        downtime=True,
        caveat="An empty controller is enough.",
    ),
    _fix(
        "F5",
        "Replace the disk that the host cannot back up",
        "New-VHD -Path {new_vhdx} -SourceDisk {disk_number} -Dynamic",
        minutes=120,
        risk=Risk.HIGH,
        downtime=True,
        caveat="The disk must be offline on the host, and the copy needs room. Or back its data up inside the guest.",
    ),
    _fix(
        "F6",
        "Turn the shared VHDX into a VHD set",
        "Convert-VHD {shared_vhdx} {set_vhds}",
        "Add-VMHardDiskDrive -VMName {vm} -Path {set_vhds} -SupportPersistentReservations",
        minutes=90,
        risk=Risk.HIGH,
        downtime=True,
        caveat="2016 and later. The whole guest cluster is off meanwhile; each VM's own account needs access.",
    ),
    _fix(
        "F7",
        "Remove what an earlier backup left, or mend the chain",
        "Get-VMSnapshot -VMName {vm} -SnapshotType Recovery | Remove-VMSnapshot",
        minutes=30,
        risk=Risk.MEDIUM,
        caveat="Look at the backup job first. An orphaned chain is merged with the VM off and a copy at hand. Never "
        "delete an .avhdx by hand. A merge needs about the size of the disk.",
    ),
    _fix(
        "F8",
        "Set the checkpoint type to Production",
        "Set-VM -Name {vm} -CheckpointType Production",
        minutes=2,
        caveat="Someone may have chosen the other type on purpose.",
    ),
    _fix(
        "F9",
        "Raise the version or format",
        "Stop-VM -Name {vm}; Update-VMVersion -Name {vm}; Start-VM -Name {vm}",
        minutes=20,
        risk=Risk.HIGH,
        downtime=True,
        caveat="Cannot be undone: the VM no longer runs on older hosts. So it is with a cluster's functional level.",
    ),
    _fix(
        "F10",
        "Make room",
        "Move-VMStorage -VMName {vm} -DestinationStoragePath {folder}",
        minutes=60,
        risk=Risk.MEDIUM,
        caveat="Or extend the volume, or remove old checkpoints. Shrinking shadow storage deletes shadow copies.",
    ),
    _fix(
        "F11",
        "Bring the cluster resource or shared volume back",
        "Start-ClusterGroup {group}",
        "Get-ClusterSharedVolumeState",
        minutes=15,
        caveat="Up to 2012, back up a shared volume from one node at a time.",
    ),
    _fix(
        "F12",
        "Resume replication",
        "Resume-VMReplication -VMName {vm}",
        minutes=10,
        caveat="May load the network with a resynchronisation.",
    ),
    _fix(
        "F13",
        "Make the guest's system ready for live backup",
        "# Windows 8 or 2012 and later as a guest of a 2008 R2 host",
        'reg add "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SystemRestore"'
        " /v ScopeSnapshots /t REG_DWORD /d 0 /f",
        minutes=15,
        caveat="Switches scoped snapshots off in the guest; a newer host is better. Linux: start hv_vss_daemon. "
        "Windows 2000 and XP cannot be backed up live.",
    ),
    _fix(
        "F14",
        "Keep the guardian's certificates",
        "Get-HgsGuardian",
        minutes=20,
        caveat="A matter of restoring, not of the saved state.",
    ),
    _fix(
        "F15",
        "Give the volume a file system that can be shadow-copied",
        "convert {drive} /fs:ntfs",
        minutes=60,
        risk=Risk.HIGH,
        downtime=True,
        caveat="exFAT cannot be converted: move the VM instead.",
    ),
    _fix(
        "F16",
        "Correct the shadow storage",
        "vssadmin resize shadowstorage /for={drive} /on={drive} /maxsize=UNBOUNDED",
        minutes=10,
        risk=Risk.MEDIUM,
        caveat="Moving it to its own volume deletes the existing shadow copies.",
    ),
    _fix(
        "F17",
        "Let the file server take part in shadow copies",
        "Install-WindowsFeature FS-VSS-Agent",
        minutes=20,
        caveat="On the file server; the host's account needs backup operator rights there.",
    ),
    _fix(
        "F18",
        "Enable the service",
        "Set-Service {service} -StartupType Manual",
        minutes=5,
        caveat="VSS, swprv and COMSysApp belong on Manual, not Automatic. vmms, EventSystem, RpcSs, Winmgmt must run.",
    ),
    _fix(
        "F19",
        "Revive the failed writer",
        "Restart-Service vmms",
        "vssadmin list writers",
        minutes=10,
        risk=Risk.MEDIUM,
        caveat="VMs keep running, management is gone briefly. Not during a backup or merge; drain cluster nodes first.",
    ),
    _fix(
        "F20",
        "Update or remove the hardware VSS provider",
        "vssadmin list providers",
        minutes=60,
        risk=Risk.MEDIUM,
        caveat="The vendor's procedure. Up to 2012 the provider must support auto-recovery.",
    ),
    _fix(
        "F21",
        "Free memory on the host",
        "Move-VM -Name {vm} -DestinationHost {host}",
        minutes=15,
        caveat="Or lower a VM's startup memory.",
    ),
    _fix(
        "F22",
        "Give the guest's volume a file system that supports snapshots",
        "convert {drive} /fs:ntfs",
        minutes=60,
        risk=Risk.HIGH,
        downtime=True,
        caveat="In the guest. exFAT cannot be converted: move the data to another disk.",
    ),
    _fix(
        "F23",
        "Replace the guest's dynamic disk by a basic one",
        "New-VHD -Path {new_vhdx} -SizeBytes {size} -Dynamic; Add-VMHardDiskDrive -VMName {vm} -Path {new_vhdx}",
        minutes=180,
        risk=Risk.HIGH,
        downtime=True,
        caveat="Copy the data in the guest, then swap. There is no way back to basic without deleting the volumes.",
    ),
)
FIXES: dict[str, Fix] = {fix.id: fix for fix in _ALL}
